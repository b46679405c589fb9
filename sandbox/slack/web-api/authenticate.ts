import type { App, Token, TokenKind } from '../model.ts';
import type { World } from '../world.ts';
import { SlackError } from './call.ts';
import type { Caller } from './call.ts';

/** Who a token stands for, or Slack's refusal. `kinds`: the tokens that the method takes. */
export function authenticate(world: World, value: string | undefined, kinds: readonly TokenKind[]): Caller {
  if (value === undefined || value === '') throw new SlackError('not_authed');
  const token = world.tokens.get(value);
  const app = token && world.installation(token.appId, token.teamId);
  const team = token && world.teams.get(token.teamId);
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
