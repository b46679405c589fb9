import { WebAPIPlatformError, WebClient } from '@slack/web-api';
import { CannotBridge, CannotStart, TryLater } from '../errors.ts';
import { slackUserId, teamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { SlackTeam } from '../portal/ports.ts';
import { clientOptions } from './client-options.ts';
import type { Ask } from './connect-organisation.ts';
import { grantedTeams } from './connect-organisation.ts';
import { failureOf } from './failures.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, textOf } from './fields.ts';
import { optionalScopes, requiredScopes } from './scopes.ts';
import type { ConnectedTeam } from './teams.ts';
import { isOrganisation } from './teams.ts';

export interface Connecting {
  readonly apiUrl: string;
  readonly entry: Omit<ConnectedTeam, 'team'>;
  /** Of the entry's token, for people. */
  readonly path: string;
  readonly log: Logger;
  /** Whether to try again where nobody answers. */
  readonly patient: boolean;
  /** What was known of the workspaces before. */
  readonly known?: readonly SlackTeam[];
}

/**
 * Asks Slack whose token it is, and whether it permits enough: of one workspace, or of an organisation with several. Throws
 * `CannotStart` where the bridge can't work with it; with a `cause` where that is what Slack answered, or that it didn't.
 */
export async function connectToken(connecting: Connecting): Promise<readonly ConnectedTeam[]> {
  const { apiUrl, entry, path, log } = connecting;
  const client = new WebClient(entry.botToken, clientOptions(apiUrl, log));
  const ask: Ask = (method, args = {}) => askPatiently(client, method, args, connecting);
  const auth = await ask('auth.test');
  const botId = textOf(auth['bot_id']);
  if (botId === undefined)
    throw new CannotStart(`${path}.bot_token is not a bot's token: use the one that begins with xoxb-.`);
  const lacks = checkScopes(auth, path, log);
  const isShared = auth['is_enterprise_install'] === true;
  if (isShared && !isOrganisation(entry.installation))
    throw new CannotStart(
      `${path}.bot_token is the token of a whole organisation: remove it there, and install the app by "install" in a chat with the bot (docs/slack-app.md), or use the token of a workspace.`,
    );
  const found = isShared
    ? await grantedTeams(ask, auth, connecting.known ?? [])
    : [await ownTeam(ask, auth, botId)];
  const lacking = lacks.length > 0 ? { lacks } : {};
  return found.map((each) => Object.assign({ team: Object.assign({}, each, lacking) }, entry));
}

async function ownTeam(ask: Ask, auth: Fields, botId: string): Promise<SlackTeam> {
  const id = teamId(auth['team_id']);
  return {
    id,
    name: textOf(auth['team']) ?? id,
    url: textOf(auth['url']) ?? 'https://slack.com/',
    appId: textOf(fieldsOf((await ask('bots.info', { bot: botId }))['bot'])['app_id']),
    bot: slackUserId(auth['user_id']),
    botId,
  };
}

/** Pauses between tries, in milliseconds: about what a restart of a proxy takes. */
const pauses = [500, 1500, 3000];
/** A limit that lasts longer than this is told instead of waited for. */
const longestPause = 30_000;

async function askPatiently(
  client: WebClient,
  method: string,
  args: Readonly<Record<string, unknown>>,
  { apiUrl, path, patient }: Connecting,
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
