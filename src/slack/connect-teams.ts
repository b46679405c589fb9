import { WebAPIPlatformError, WebClient } from '@slack/web-api';
import { CannotBridge, CannotStart, TryLater } from '../errors.ts';
import type { TeamId } from '../ids.ts';
import { slackUserId, teamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { SlackTeam } from '../portal/ports.ts';
import { clientOptions } from './client-options.ts';
import { failureOf } from './failures.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, textOf } from './fields.ts';
import type { KnownTeams } from './ports.ts';
import { optionalScopes, requiredScopes } from './scopes.ts';
import type { SlackSettings, TeamSettings } from './settings.ts';
import type { ConnectedTeam, Teams } from './teams.ts';
import { createTeams, outOfReach } from './teams.ts';

/**
 * Asks Slack about each configured token. Throws `CannotStart` where one can't work: refused, no bot's, lacking a
 * permission, the same workspace twice, or Slack out of reach after some tries. A workspace that worked with this token
 * before comes up all the same: in trouble when Slack doesn't take the token any more, else as one that is away. What the
 * homeserver and the other workspaces tell is taken meanwhile.
 */
export async function connectTeams(settings: SlackSettings, log: Logger, known: KnownTeams): Promise<Teams> {
  if (settings.teams.length === 0)
    throw new CannotStart('slack.teams is empty: add at least one workspace with its bot_token.');
  const connected: ConnectedTeam[] = [];
  const absent = new Map<TeamId, Absence>();
  for (const [index, entry] of settings.teams.entries()) {
    const path = `slack.teams[${index}]`;
    // where one found nobody the next needn't wait for long
    const patient = ![...absent.values()].includes('away');
    const found = await connectTeam({ settings, entry, path, log, patient }).catch(async (error: unknown) => {
      const absence = absenceOf(error);
      const team = absence && (await known.find(entry.botToken));
      if (!team) throw error;
      log.error(sayings[absence], { team: team.id, name: team.name, error });
      absent.set(team.id, absence);
      return { team, ...secretsOf(settings, entry) };
    });
    const twin = connected.findIndex((each) => each.team.id === found.team.id);
    if (twin >= 0)
      throw new CannotStart(
        `slack.teams[${twin}] and slack.teams[${index}] are the same workspace, ${found.team.name} (${found.team.id}): remove one.`,
      );
    connected.push(found);
    if (!absent.has(found.team.id)) await known.remember(entry.botToken, found.team);
  }
  const teams = createTeams(connected);
  for (const [team, absence] of absent) {
    if (absence === 'revoked') teams.fails(team, revokedBefore);
    else notReached(teams, team);
  }
  return teams;
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
  'the token of the bridge’s Slack app was revoked, or the app removed. Install the app again, and restart the bridge if it has a new token.';

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
  };
}

interface Connecting {
  readonly settings: SlackSettings;
  readonly entry: TeamSettings;
  /** Of the entry, for people. */
  readonly path: string;
  readonly log: Logger;
  /** Whether to try again where nobody answers. */
  readonly patient: boolean;
}

async function connectTeam(connecting: Connecting): Promise<ConnectedTeam> {
  const { settings, entry, path, log } = connecting;
  const client = new WebClient(entry.botToken, clientOptions(settings.apiUrl, log));
  const ask: Ask = (method, args = {}) => askPatiently(client, method, args, connecting);
  const auth = await ask('auth.test');
  const botId = textOf(auth['bot_id']);
  if (botId === undefined)
    throw new CannotStart(`${path}.bot_token is not a bot's token: use the one that begins with xoxb-.`);
  const lacks = checkScopes(auth, path, log);
  const id = teamId(auth['team_id']);
  const appId = textOf(fieldsOf((await ask('bots.info', { bot: botId }))['bot'])['app_id']);
  const team: SlackTeam = {
    id,
    name: textOf(auth['team']) ?? id,
    url: textOf(auth['url']) ?? 'https://slack.com/',
    appId,
    bot: slackUserId(auth['user_id']),
    botId,
    ...(lacks.length > 0 && { lacks }),
  };
  log.info('connected to a Slack workspace', { team: id, name: team.name, app: appId });
  return { team, ...secretsOf(settings, entry) };
}

type Ask = (method: string, args?: Readonly<Record<string, unknown>>) => Promise<Fields>;

/** Pauses between tries, in milliseconds: about what a restart of a proxy takes. */
const pauses = [500, 1500, 3000];
/** A limit that lasts longer than this is told instead of waited for. */
const longestPause = 30_000;

async function askPatiently(
  client: WebClient,
  method: string,
  args: Readonly<Record<string, unknown>>,
  { settings: { apiUrl }, path, patient }: Connecting,
): Promise<Fields> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return fieldsOf(await client.apiCall(method, { ...args }));
    } catch (thrown) {
      const call = { team: path, method, effect: 'read', limit: `slack:${path}` } as const;
      const failure = failureOf(thrown, call);
      const pause = failure.error instanceof TryLater ? (failure.error.after ?? pauses[attempt]) : undefined;
      if (failure.kind === 'revoked' || failure.error instanceof CannotBridge)
        throw new CannotStart(refusal(path, method, thrown, failure.error.message), { cause: thrown });
      if (!patient || pause === undefined || attempt >= pauses.length || pause > longestPause)
        throw new CannotStart(
          `Slack can't be reached at ${apiUrl} (${failure.error.message}): check slack.api_url and the network.`,
          { cause: thrown },
        );
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

function refusal(path: string, method: string, thrown: unknown, words: string): string {
  const code: unknown = thrown instanceof WebAPIPlatformError ? thrown.data.error : undefined;
  if (method === 'auth.test')
    return `Slack refuses ${path}.bot_token (${typeof code === 'string' ? code : words}): copy the Bot User OAuth Token (xoxb-…) from the app's page "OAuth & Permissions", after installing the app.`;
  return `Slack refuses ${method} for ${path}: ${words}`;
}

/** Slack names a token's permissions with each answer; where it doesn't, calls will tell. What it returns goes missing. */
function checkScopes(auth: Fields, path: string, log: Logger): readonly string[] {
  const scopes: unknown = fieldsOf(auth['response_metadata'])['scopes'];
  if (!Array.isArray(scopes)) return [];
  const missing = requiredScopes.filter((scope) => !scopes.includes(scope));
  if (missing.length > 0)
    throw new CannotStart(
      `The Slack app of ${path} lacks the permission${missing.length > 1 ? 's' : ''} ${missing.join(', ')}: add ${missing.length > 1 ? 'them' : 'it'} under "OAuth & Permissions" (or use config/slack-app-manifest.yaml), install the app again, and copy the token.`,
    );
  const lacking = Object.entries(optionalScopes).filter(([scope]) => !scopes.includes(scope));
  for (const [scope, consequence] of lacking)
    log.warn('the Slack app lacks a permission', { team: path, scope, consequence });
  return lacking.map(([scope, consequence]) => `${scope} (${consequence})`);
}
