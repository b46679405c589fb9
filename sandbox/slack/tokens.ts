import { newBotToken, newSecret, newUserToken } from './ids.ts';
import type { App, RefreshToken, Token } from './model.ts';
import type { World } from './world.ts';

interface Holder {
  readonly kind: 'bot' | 'user';
  readonly userId: string;
  /** A bot's are its app's. */
  readonly scopes: readonly string[];
}

/** Puts a fresh token of a person or a bot beside those there are. It expires where the app's tokens do. */
export function issueToken(world: World, app: App, { kind, userId, scopes }: Holder): Token {
  const { tokenLifeSeconds: life } = app;
  const expires = life !== undefined;
  const token: Token = {
    value: kind === 'bot' ? newBotToken(expires) : newUserToken(expires),
    kind,
    teamId: app.teamId,
    appId: app.id,
    userId,
    scopes: kind === 'bot' ? undefined : [...scopes],
    expiresAt: life === undefined ? undefined : world.clock.now() + life * 1000,
    ...(kind === 'bot' && app.organisation !== undefined && { organisation: app.organisation }),
    revoked: false,
  };
  world.tokens.set(token.value, token);
  world.changed({ what: 'team', teamId: app.teamId, id: app.id });
  return token;
}

/** By which the token's holder gets the next one. */
export function issueRefreshToken(world: World, token: Token): RefreshToken {
  const refresh: RefreshToken = {
    value: `xoxe-1-${newSecret(32)}`,
    kind: token.kind === 'bot' ? 'bot' : 'user',
    appId: token.appId,
    teamId: token.teamId,
    userId: token.userId ?? '',
    scopes: token.scopes ?? [],
    used: undefined,
    revoked: false,
  };
  world.refreshTokens.set(refresh.value, refresh);
  return refresh;
}

/** Ends all tokens that act as a person or a bot for the app, and those by which they are had anew. */
export function revokeTokensOf(world: World, app: App, userId: string): void {
  for (const tokens of [world.tokens.values(), world.refreshTokens.values()])
    for (const token of tokens)
      if (
        token.kind !== 'app' &&
        token.appId === app.id &&
        token.teamId === app.teamId &&
        token.userId === userId
      )
        token.revoked = true;
}
