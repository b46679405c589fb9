import { CannotStart, TryLater } from '../errors.ts';
import type { TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { connectTeam } from './connect-team.ts';
import { failureOf } from './failures.ts';
import type { Installation, KnownTeams } from './ports.ts';
import type { AppSettings, SlackSettings, TeamSettings } from './settings.ts';
import type { ConnectedTeam, Teams } from './teams.ts';
import { createTeams, outOfReach } from './teams.ts';

interface Start {
  readonly settings: SlackSettings;
  /** Workspaces that somebody installed the app in. */
  readonly installed: readonly Installation[];
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
 * is configured, too, is used as it is configured, unless Slack refuses that token.
 */
export async function connectTeams(start: Start): Promise<Teams> {
  const { settings, installed, log } = start;
  if (settings.teams.length === 0 && settings.app === undefined)
    throw new CannotStart('slack.teams is empty: add at least one workspace with its bot_token.');
  const connected: ConnectedTeam[] = [];
  const absent = new Map<TeamId, Absence>();
  const isPatient = () => ![...absent.values()].includes('away'); // where one found nobody the next needn't wait for long
  for (const [index, entry] of settings.teams.entries()) {
    const path = `slack.teams[${index}]`;
    const found = await connectKnown(start, entry, path, isPatient()).catch((error: unknown) => {
      if (installed.length === 0 || absenceOf(error) !== 'revoked') throw error;
      log.error('a configured token is refused; the workspaces that the app was installed in are used', {
        path,
        error,
      });
    });
    if (!found) continue;
    const twin = connected.findIndex((each) => each.team.id === found.team.team.id);
    if (twin >= 0)
      throw new CannotStart(
        `slack.teams[${twin}] and slack.teams[${index}] are the same workspace, ${found.team.team.name} (${found.team.team.id}): remove one.`,
      );
    connected.push(found.team);
    if (found.absence) absent.set(found.team.team.id, found.absence);
  }
  for (const { team, botToken } of installed) {
    const at = connected.findIndex((each) => each.team.id === team);
    if (settings.app === undefined || (at >= 0 && absent.get(team) !== 'revoked')) continue;
    const entry = entryOf(settings.app, botToken);
    const found = await connectKnown(start, entry, `the installation in ${team}`, isPatient()).catch(
      (error: unknown) =>
        log.error('a workspace that the app was installed in can’t be used', { team, error }),
    );
    if (!found) continue;
    connected.splice(at < 0 ? connected.length : at, at < 0 ? 0 : 1, found.team);
    absent.delete(team);
    if (found.absence) absent.set(team, found.absence);
  }
  return teamsOf(connected, absent);
}

function teamsOf(connected: readonly ConnectedTeam[], absent: ReadonlyMap<TeamId, Absence>): Teams {
  const teams = createTeams(connected);
  for (const [team, absence] of absent) {
    if (absence === 'revoked') teams.fails(team, revokedBefore);
    else notReached(teams, team);
  }
  return teams;
}

/** With what opens it, a workspace that the app was installed in. */
export function entryOf(app: AppSettings, botToken: string): TeamSettings {
  return { botToken, ...app, isInstalled: true };
}

/** One that worked before is there all the same. */
async function connectKnown(
  { settings, known, log }: Start,
  entry: TeamSettings,
  path: string,
  patient: boolean,
): Promise<{ readonly team: ConnectedTeam; readonly absence?: Absence }> {
  const own = secretsOf(settings, entry);
  try {
    const team = await connectTeam({ apiUrl: settings.apiUrl, entry: own, path, log, patient });
    await known.remember(entry.botToken, team.team);
    return { team };
  } catch (error) {
    const absence = absenceOf(error);
    const team = absence && (await known.find(entry.botToken));
    if (!team) throw error;
    log.error(sayings[absence], { team: team.id, name: team.name, error });
    return { team: { team, ...own }, absence };
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
    ...(entry.isInstalled && { isInstalled: true }),
  };
}
