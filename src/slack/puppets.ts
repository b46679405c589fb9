import { CannotBridge, TryLater } from '../errors.ts';
import type { SlackUserId, TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Failure } from './failures.ts';
import type { PuppetToken, PuppetTokens } from './ports.ts';

/** By which linked people act themselves. */
export interface PersonTokens {
  /** Throws `TryLater` for somebody who isn't linked (any more), or whose token can't be had now. */
  tokenOf(team: TeamId, user: SlackUserId): Promise<string>;
  /** What a call with their token throws after it failed. What that says of the token is known to all by then. */
  afterFailure(used: UsedToken, failure: Failure): Promise<Failure['error']>;
}

export interface UsedToken {
  readonly team: TeamId;
  readonly user: SlackUserId;
  readonly token: string;
}

export interface PersonTokensOptions {
  readonly store: PuppetTokens;
  /** Gives the token after the one that this refresh token belongs to. Throws `CannotBridge` where Slack never will. */
  readonly renew: (team: TeamId, refresh: string) => Promise<PuppetToken>;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** So long before its end a token is renewed, in milliseconds: calls under way still have one. */
const early = 5 * 60_000;
/** So long after a permission was found missing, calls that were begun before may find it, too, in milliseconds. */
const newsFor = 5_000;
/** After this many milliseconds a renewal that failed is tried again, while the token still works. */
const renewalPause = 60_000;
/** The item is handled again at once, by what is known then. Whoever doesn't need this account isn't held up. */
function again({ team, user }: Pick<UsedToken, 'team' | 'user'>, why: string): TryLater {
  return new TryLater(why, { after: 100, target: `slack:${team}:${user}` });
}

export function createPersonTokens(options: PersonTokensOptions): PersonTokens {
  const { store, log, now = Date.now } = options;
  const known = new Map<string, PuppetToken>();
  const lackedAt = new Map<string, number>();
  const { lasting, replaced } = createRenewals(options);
  store.whenChanged((team, user) => {
    known.delete(keyOf(team, user));
    log.debug('a login to Slack changed', { team, user });
  });

  async function refused({ team, user, token }: UsedToken, code: string | undefined): Promise<TryLater> {
    const stored = await store.tokenOf(team, user);
    known.delete(keyOf(team, user));
    const next = stored?.access === token ? await replaced(team, user, token) : stored;
    if (next === undefined || next.access === token) {
      log.warn('Slack does not take a linked person’s token any more', { team, user, reason: code });
      await store.setTrouble(team, user, troubleOf(code));
    }
    return again({ team, user }, 'Slack does not take the token of a linked person');
  }

  /** Slack may name several permissions, each of which would do. False: whoever asked knew, and can't do without. */
  async function lacks({ team, user }: UsedToken, needed: string): Promise<boolean> {
    let isNews = false;
    for (const scope of needed.split(',')) {
      const key = `${keyOf(team, user)} ${scope}`;
      if (await store.setLacking(team, user, scope, lackingWords(scope))) lackedAt.set(key, now());
      isNews ||= now() - (lackedAt.get(key) ?? 0) < newsFor; // or it became known while the call was under way
    }
    return isNews;
  }

  return {
    tokenOf: async (team, user) => {
      const key = keyOf(team, user);
      const stored = known.get(key) ?? (await store.tokenOf(team, user));
      if (stored === undefined) {
        await store.setTrouble(team, user, troubles.lost);
        throw again({ team, user }, 'this person is not linked');
      }
      const token = await lasting(team, user, stored);
      known.set(key, token);
      return token.access;
    },
    afterFailure: async (used, failure) => {
      if (failure.kind === 'revoked') return refused(used, failure.code);
      const { code, needed } = failure;
      const isNews = code === 'missing_scope' && needed !== undefined && (await lacks(used, needed));
      return isNews ? again(used, 'a linked person did not permit that') : failure.error;
    },
  };
}

function createRenewals({ store, renew, log, now = Date.now }: PersonTokensOptions) {
  const renewing = new Map<string, Promise<PuppetToken | undefined>>();
  let last: Promise<unknown> = Promise.resolve(); // each holds a connection to the database while Slack is asked
  const pausedUntil = new Map<string, number>();
  const endsWithin = (token: PuppetToken, milliseconds: number): boolean =>
    token.expiresAt !== undefined && token.expiresAt - now() <= milliseconds;

  /** Once for all who ask at the same time. `outdated`: the token that is to be replaced. */
  function renewed(team: TeamId, user: SlackUserId, outdated: string): Promise<PuppetToken | undefined> {
    const key = keyOf(team, user);
    const underWay = renewing.get(key);
    if (underWay) return underWay;
    const next = async (stored: PuppetToken): Promise<PuppetToken | undefined> =>
      stored.access === outdated && stored.refresh !== undefined ? renew(team, stored.refresh) : undefined;
    const work = last.then(() => store.renew(team, user, next)).finally(() => renewing.delete(key));
    last = work.catch(() => undefined);
    renewing.set(key, work);
    return work;
  }

  /** In time, so that a renewal which fails does no harm yet. */
  async function lasting(team: TeamId, user: SlackUserId, token: PuppetToken): Promise<PuppetToken> {
    const key = keyOf(team, user);
    if (token.refresh === undefined || !endsWithin(token, early)) return token;
    const hasEnded = endsWithin(token, 0);
    if (!hasEnded && (pausedUntil.get(key) ?? 0) > now()) return token;
    try {
      return (await renewed(team, user, token.access)) ?? token;
    } catch (error) {
      if (hasEnded && !(error instanceof CannotBridge)) throw error;
      pausedUntil.set(key, now() + renewalPause);
      log.warn('a linked person’s token could not be renewed', { team, user, error });
      return token; // what it is worth, Slack says
    }
  }

  /** Undefined: there is no other. */
  async function replaced(team: TeamId, user: SlackUserId, token: string): Promise<PuppetToken | undefined> {
    try {
      return await renewed(team, user, token);
    } catch (error) {
      if (error instanceof CannotBridge) return undefined;
      throw error;
    }
  }

  return { lasting, replaced };
}

function keyOf(team: TeamId, user: SlackUserId): string {
  return `${team} ${user}`;
}

/** To the person, in their chat with the bot. */
const troubles = {
  lost: 'Your login to Slack can’t be found any more. Say "login" here to log in again.',
  ended: 'Your login to Slack has run out. Say "login" here to log in again.',
  inactive: 'Your Slack account was deactivated, or removed from the workspace.',
  refused: 'Slack doesn’t take your login any more. Say "login" here to log in again.',
} as const;

function troubleOf(code: string | undefined): string {
  if (code === 'token_expired') return troubles.ended;
  const isInactive = code === 'account_inactive' || code === 'user_removed_from_team';
  return isInactive ? troubles.inactive : troubles.refused;
}

function lackingWords(scope: string): string {
  return `The bridge’s Slack app lacks your permission ${scope}: what needs it is done by the bot. Say "login" here to log in again and give it.`;
}
