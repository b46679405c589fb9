import { CannotBridge } from '../errors.ts';
import type { StoredToken } from './ports.ts';

/** Keeps tokens that end: people's, and those of bots. */
export interface Renewals<Who> {
  /** Whether it ends so soon that `lasting` has something to do. */
  isDue(token: StoredToken): boolean;
  /** In time, so that a renewal which fails does no harm yet. Throws `TryLater` for one that has ended. */
  readonly lasting: (who: Who, token: StoredToken) => Promise<StoredToken>;
  /** In the place of one that Slack refuses. Undefined: there is no other. Throws `TryLater`. */
  readonly replaced: (who: Who, access: string) => Promise<StoredToken | undefined>;
}

export interface RenewalsOptions<Who> {
  /** Different for each whose token it is. */
  readonly keyOf: (who: Who) => string;
  /** Stores the next token, one process at a time; see `PuppetTokens.renew`. */
  readonly store: (
    who: Who,
    next: (stored: StoredToken) => Promise<StoredToken | undefined>,
  ) => Promise<StoredToken | undefined>;
  /** Gives the token after the one that this refresh token belongs to. Throws `CannotBridge` where Slack never will. */
  readonly renew: (who: Who, refresh: string) => Promise<StoredToken>;
  /** A renewal failed while the token still works. */
  readonly failed: (who: Who, error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** So long before its end a token is renewed, in milliseconds: calls under way still have one. */
const early = 5 * 60_000;
/** After this many milliseconds a renewal that failed is tried again. */
const renewalPause = 60_000;

export function createRenewals<Who>(options: RenewalsOptions<Who>): Renewals<Who> {
  const { keyOf, store, renew, failed, now = Date.now } = options;
  const renewing = new Map<string, Promise<StoredToken | undefined>>();
  let last: Promise<unknown> = Promise.resolve(); // each holds a connection to the database while Slack is asked
  const pausedUntil = new Map<string, number>();
  /** The last tokens that nothing came after, and until when that isn't tried again. */
  const endless = new Map<string, { readonly access: string; readonly until: number }>();
  const endsWithin = (token: StoredToken, milliseconds: number): boolean =>
    token.expiresAt !== undefined && token.expiresAt - now() <= milliseconds;
  const isDue = (token: StoredToken): boolean => token.refresh !== undefined && endsWithin(token, early);

  /** Once for all who ask at the same time. `outdated`: the token that is to be replaced. */
  function renewed(who: Who, outdated: string): Promise<StoredToken | undefined> {
    const key = keyOf(who);
    const underWay = renewing.get(key);
    if (underWay) return underWay;
    const next = async (stored: StoredToken): Promise<StoredToken | undefined> =>
      stored.access === outdated && stored.refresh !== undefined ? renew(who, stored.refresh) : undefined;
    const work = last.then(() => store(who, next)).finally(() => renewing.delete(key));
    last = work.catch(() => undefined);
    renewing.set(key, work);
    return work;
  }

  return {
    isDue,
    lasting: async (who, token) => {
      if (!isDue(token)) return token;
      const key = keyOf(who);
      const hasEnded = endsWithin(token, 0);
      if (!hasEnded && (pausedUntil.get(key) ?? 0) > now()) return token;
      try {
        return (await renewed(who, token.access)) ?? token;
      } catch (error) {
        if (hasEnded && !(error instanceof CannotBridge)) throw error;
        pausedUntil.set(key, now() + renewalPause);
        failed(who, error);
        return token; // what it is worth, Slack says
      }
    },
    replaced: async (who, access) => {
      const key = keyOf(who);
      const tried = endless.get(key);
      if (tried?.access === access && tried.until > now()) return undefined;
      try {
        return await renewed(who, access);
      } catch (error) {
        if (!(error instanceof CannotBridge)) throw error;
        endless.set(key, { access, until: now() + renewalPause });
        return undefined;
      }
    },
  };
}
