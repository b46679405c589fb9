import { CannotStart, TryLater } from '../errors.ts';
import type { TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { connectToken } from './connect-token.ts';
import { failureOf } from './failures.ts';
import type { Installation, KnownTeams } from './ports.ts';
import type { AppSettings, SlackSettings, TeamSettings } from './settings.ts';
import type { ConnectedTeam, Teams } from './teams.ts';
import { isOrganisation, outOfReach } from './teams.ts';

interface Start {
  readonly settings: SlackSettings;
  /** Where they go. */
  readonly teams: Teams;
  /** Workspaces and organisations that somebody installed the app in. */
  readonly installed: readonly Installation[];
  /** An installation with a token that counts. */
  readonly lasting: (installation: Installation) => Promise<Installation>;
  readonly known: KnownTeams;
  readonly log: Logger;
}

/**
 * Asks Slack about each configured token. Throws `CannotStart` where one can't work: refused, no bot's, lacking a
 * permission, the same workspace twice, or Slack out of reach after some tries. A workspace that worked with this token
 * before comes up all the same: in trouble when Slack doesn't take the token any more, else as one that is away. What the
 * homeserver and the other workspaces tell is taken meanwhile.
 *
 * The same for workspaces that the app was installed in; one of those that can't work keeps nobody from starting. One that
 * is configured, too, is used as it is configured, unless Slack refuses that token; one that was installed by itself and with
 * its organisation, as by itself.
 */
export async function connectTeams(start: Start): Promise<void> {
  const { settings, teams } = start;
  if (settings.teams.length === 0 && settings.app === undefined)
    throw new CannotStart('slack.teams is empty: add at least one workspace with its bot_token.');
  const found = new Map<TeamId, Found>();
  await connectConfigured(start, found);
  if (settings.app) await connectInstalled(start, settings.app, found);
  for (const { connected, absence } of found.values()) {
    const { team } = connected;
    teams.join(connected);
    if (absence === 'revoked') teams.fails(team.id, revokedBefore);
    else if (absence === 'away') notReached(teams, team.id);
  }
}

interface Found {
  readonly connected: ConnectedTeam;
  readonly absence?: Absence;
}

/** Where one found nobody the next needn't wait for long. */
function isPatient(found: ReadonlyMap<TeamId, Found>): boolean {
  return ![...found.values()].some(({ absence }) => absence === 'away');
}

async function connectConfigured(start: Start, found: Map<TeamId, Found>): Promise<void> {
  const { settings, installed, log } = start;
  const paths = new Map<TeamId, string>();
  for (const [index, entry] of settings.teams.entries()) {
    const path = `slack.teams[${index}]`;
    const its = await connectKnown(start, entry, path, isPatient(found)).catch((error: unknown) => {
      if (installed.length === 0 || absenceOf(error) !== 'revoked') throw error;
      log.error('a configured token is refused; the workspaces that the app was installed in are used', {
        path,
        error,
      });
      return [];
    });
    for (const each of its) {
      const { id, name } = each.connected.team;
      const twin = paths.get(id);
      if (twin !== undefined)
        throw new CannotStart(`${twin} and ${path} are the same workspace, ${name} (${id}): remove one.`);
      paths.set(id, path);
      found.set(id, each);
    }
  }
}

async function connectInstalled(start: Start, app: AppSettings, found: Map<TeamId, Found>): Promise<void> {
  const { installed, lasting, log } = start;
  const isFree = (team: TeamId): boolean => !found.has(team) || found.get(team)?.absence === 'revoked';
  const sorted = installed.toSorted(
    (one, other) => Number(isOrganisation(one.team)) - Number(isOrganisation(other.team)),
  );
  for (const installation of sorted) {
    const { team } = installation;
    if (!isFree(team)) continue;
    try {
      const entry = entryOf(app, await lasting(installation));
      const its = await connectKnown(start, entry, `the installation in ${team}`, isPatient(found));
      for (const each of its) if (isFree(each.connected.team.id)) found.set(each.connected.team.id, each);
    } catch (error) {
      log.error('a workspace that the app was installed in can’t be used', { team, error });
    }
  }
}

/** With what opens it, a workspace that the app was installed in. */
export function entryOf(app: AppSettings, { team, token }: Installation): TeamSettings {
  return { botToken: token.access, ...app, installation: team };
}

/** Those that worked before are there all the same. */
async function connectKnown(
  { settings, known, log }: Start,
  entry: TeamSettings,
  path: string,
  patient: boolean,
): Promise<readonly Found[]> {
  const own = secretsOf(settings, entry);
  const isShared = isOrganisation(entry.installation);
  try {
    const before = isShared ? await known.find(entry.botToken) : [];
    const found = await connectToken({
      apiUrl: settings.apiUrl,
      entry: own,
      path,
      log,
      patient,
      known: before,
    });
    for (const { team } of found) {
      await known.remember(entry.botToken, team, isShared);
      log.info('connected to a Slack workspace', { team: team.id, name: team.name, app: team.appId });
    }
    return found.map((connected) => ({ connected }));
  } catch (error) {
    const absence = absenceOf(error);
    const before = absence === undefined ? [] : await known.find(entry.botToken);
    if (absence === undefined || before.length === 0) throw error;
    return before.map((team) => {
      log.error(sayings[absence], { team: team.id, name: team.name, error });
      return { connected: { team, ...own }, absence };
    });
  }
}

/** It is asked from now on until it answers. */
function notReached(teams: Teams, team: TeamId): void {
  teams.unanswered(team);
  teams.away(team, outOfReach);
}

/** Why a workspace can't be asked at the start. */
type Absence = 'revoked' | 'away';

const sayings: Readonly<Record<Absence, string>> = {
  revoked: 'Slack does not take the token of a workspace any more',
  away: 'Slack can’t be reached: the workspace is taken as it was, and what is meant for it waits',
};

const revokedBefore =
  'the token of the bridge’s Slack app was revoked, or the app removed. Install the app again: by “!slack install”, or in Slack, and restart the bridge if it has a new token.';

function absenceOf(error: unknown): Absence | undefined {
  if (!(error instanceof CannotStart) || error.cause === undefined) return undefined;
  const call = { team: '', method: 'auth.test', effect: 'read', limit: 'slack:' } as const;
  const failure = failureOf(error.cause, call);
  if (failure.kind === 'revoked') return 'revoked';
  return failure.error instanceof TryLater ? 'away' : undefined;
}

function secretsOf(settings: SlackSettings, entry: TeamSettings): Omit<ConnectedTeam, 'team'> {
  const appToken = entry.appToken ?? settings.appToken;
  const signingSecret = entry.signingSecret ?? settings.signingSecret;
  return {
    botToken: entry.botToken,
    ...(appToken !== undefined && { appToken }),
    ...(signingSecret !== undefined && { signingSecret }),
    ...(entry.client !== undefined && { client: entry.client }),
    ...(entry.installation !== undefined && { installation: entry.installation }),
  };
}
