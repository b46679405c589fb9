import type { App, Token, TokenKind } from '../model.ts';
import type { World } from '../world.ts';
import { text } from './arguments.ts';
import { SlackError } from './call.ts';
import type { Caller } from './call.ts';

/** Who a token stands for, or Slack's refusal. `kinds`: the tokens that the method takes. */
export function authenticate(
  world: World,
  value: string | undefined,
  kinds: readonly TokenKind[],
  asked: Asked = { method: '', args: {} },
): Caller {
  if (value === undefined || value === '') throw new SlackError('not_authed');
  const token = world.tokens.get(value);
  const teamId = token?.organisation === undefined ? token?.teamId : teamOf(world, token, asked);
  const team = world.teams.get(teamId ?? '');
  const app = token && world.installation(token.appId, teamId ?? '');
  if (token?.organisation !== undefined && app?.organisation !== token.organisation)
    throw new SlackError('team_access_not_granted');
  if (!token || !app || !team) throw new SlackError('invalid_auth');
  if (token.revoked) throw new SlackError('token_revoked');
  if ((token.expiresAt ?? Infinity) <= world.clock.now()) throw new SlackError('token_expired');
  if (!app.installed && token.kind !== 'app') throw new SlackError('account_inactive');
  if (!kinds.includes(token.kind)) throw new SlackError('not_allowed_token_type');
  if (token.userId !== undefined && world.users.get(token.userId)?.deleted === true) {
    throw new SlackError('account_inactive');
  }
  return { token, app, team, userId: token.userId ?? '', scopes: scopesOf(app, token) };
}

/** A person's token allows what they agreed to; a bot's what its app has. */
export function scopesOf(app: App, token: Token): readonly string[] {
  if (token.kind === 'app') return ['connections:write'];
  return token.kind === 'user' ? (token.scopes ?? []) : app.scopes;
}

/** What a call is about. */
export interface Asked {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Methods that, with the token of an organisation, must be told of which team they are to speak. */
const OF_ONE_TEAM: ReadonlySet<string> = new Set([
  'bots.info',
  'conversations.list',
  'usergroups.list',
  'usergroups.users.list',
  'users.conversations',
  'users.list',
]);

/** The team that a call with an organisation's token is about. */
function teamOf(world: World, token: Token, { method, args }: Asked): string {
  const named = text({ args }, method === 'team.info' ? 'team' : 'team_id');
  if (named !== undefined) return named;
  if (OF_ONE_TEAM.has(method)) throw new SlackError('missing_argument');
  const channel = world.channels.get(text({ args }, 'channel') ?? text({ args }, 'channel_id') ?? '');
  const file = world.files.get(text({ args }, 'file') ?? '');
  const user = world.users.get(text({ args }, 'user') ?? '');
  return channel?.teamId ?? file?.teamId ?? user?.teamId ?? firstOf(world, token);
}

function firstOf(world: World, { appId, organisation }: Token): string {
  return world.installations(appId).find((each) => each.organisation === organisation)?.teamId ?? '';
}
