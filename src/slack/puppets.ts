import { TryLater } from '../errors.ts';
import type { SlackUserId, TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Failure } from './failures.ts';
import type { PuppetTokens, StoredToken } from './ports.ts';
import { createRenewals } from './renewals.ts';

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
  readonly renew: (team: TeamId, refresh: string) => Promise<StoredToken>;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** So long after a permission was found missing, calls that were begun before may find it, too, in milliseconds. */
const newsFor = 5_000;

interface Who {
  readonly team: TeamId;
  readonly user: SlackUserId;
}

/** The item is handled again at once, by what is known then. Whoever doesn't need this account isn't held up. */
function again({ team, user }: Who, why: string): TryLater {
  return new TryLater(why, { after: 100, target: `slack:${team}:${user}` });
}

export function createPersonTokens(options: PersonTokensOptions): PersonTokens {
  const { store, log, now = Date.now } = options;
  const known = new Map<string, StoredToken>();
  const lackedAt = new Map<string, number>();
  const { lasting, replaced } = createRenewals<Who>({
    keyOf: ({ team, user }) => keyOf(team, user),
    store: ({ team, user }, next) => store.renew(team, user, next),
    renew: ({ team }, refresh) => options.renew(team, refresh),
    failed: ({ team, user }, error) =>
      log.warn('a linked person’s token could not be renewed', { team, user, error }),
    now,
  });
  store.whenChanged((team, user) => {
    known.delete(keyOf(team, user));
    log.debug('a login to Slack changed', { team, user });
  });

  async function refused({ team, user, token }: UsedToken, code: string | undefined): Promise<TryLater> {
    const stored = await store.tokenOf(team, user);
    known.delete(keyOf(team, user));
    const next = stored?.access === token ? await replaced({ team, user }, token) : stored;
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
      const token = await lasting({ team, user }, stored);
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
