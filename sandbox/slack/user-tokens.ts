import { publishToTeam } from './events.ts';
import type { App, Token, User } from './model.ts';
import { issueToken, revokeTokensOf } from './tokens.ts';
import type { World } from './world.ts';

/** The tokens by which an app acts for people of its team: those that still count. */
export function userTokens(world: World, app: App): readonly Token[] {
  const now = world.clock.now();
  return [...world.tokens.values()].filter(
    (token) =>
      token.kind === 'user' &&
      token.appId === app.id &&
      token.teamId === app.teamId &&
      !token.revoked &&
      (token.expiresAt ?? Infinity) > now &&
      world.users.get(token.userId ?? '')?.deleted === false,
  );
}

/**
 * A person lets the app act for them. What they allowed before stays allowed, and a token that lasts stays the same: it
 * only grows.
 */
export function grantUserToken(world: World, app: App, user: User, scopes: readonly string[]): Token {
  const known = tokensOf(world, app, user.id).filter(({ revoked }) => !revoked);
  const allowed = [...new Set([...known.flatMap((token) => token.scopes ?? []), ...scopes])].toSorted();
  const lasting = known.find(({ expiresAt }) => expiresAt === undefined);
  if (lasting && app.tokenLifeSeconds === undefined) {
    lasting.scopes = allowed;
    return lasting;
  }
  return issueToken(world, app, { kind: 'user', userId: user.id, scopes: allowed });
}

/** Ends what people allowed: one person's, or everybody's. The app is told by `tokens_revoked`. */
export function revokeUserTokens(world: World, app: App, userId?: string): void {
  const tokens = tokensOf(world, app, userId).filter(({ revoked }) => !revoked);
  const people = [...new Set(tokens.flatMap((token) => token.userId ?? []))];
  if (people.length === 0) return;
  const event = { type: 'tokens_revoked', tokens: { oauth: people, bot: [] }, event_ts: world.eventTs() };
  publishToTeam(world, app.teamId, event, app.id);
  for (const person of people) revokeTokensOf(world, app, person);
  world.changed({ what: 'team', teamId: app.teamId, id: app.id });
}

function tokensOf(world: World, app: App, userId: string | undefined): readonly Token[] {
  return [...world.tokens.values()].filter(
    (token) =>
      token.kind === 'user' &&
      token.appId === app.id &&
      token.teamId === app.teamId &&
      (userId === undefined || token.userId === userId),
  );
}
