import type { Clock } from './clock.ts';
import type { Settings } from './settings.ts';

/** Requests that a channel takes at once before "one a second" begins to bite. */
const POST_BURST = 5;

/** What even a method of one request a minute takes at once: apps open several sockets at their start. */
const LEAST_BURST = 10;

interface Bucket {
  tokens: number;
  at: number;
}

export interface RateLimits {
  /** Counts a call. `undefined`: allowed; else the whole seconds after which it may be tried again. */
  readonly take: (key: string, perMinute: number, burst: number) => number | undefined;
  readonly clear: () => void;
}

/** Token buckets, one per key. @see https://docs.slack.dev/apis/web-api/rate-limits */
export function createRateLimits(clock: Clock, settings: Settings): RateLimits {
  const buckets = new Map<string, Bucket>();
  return {
    take: (key, perMinute, burst) => {
      if (!settings.rateLimits) return undefined;
      const now = clock.now();
      const bucket = buckets.get(key) ?? { tokens: burst, at: now };
      buckets.set(key, bucket);
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * perMinute) / 60_000);
      bucket.at = now;
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return undefined;
      }
      return Math.max(1, Math.ceil(((1 - bucket.tokens) * 60) / perMinute));
    },
    clear: () => buckets.clear(),
  };
}

/** How often a method of a tier may be called: by method, team and app; posts by channel. */
export function takeCall(
  limits: RateLimits,
  call: {
    readonly tier: 1 | 20 | 50 | 100 | 'post' | 'unlimited';
    readonly method: string;
    readonly appId: string;
    readonly channel: string;
  },
): number | undefined {
  const { tier, method, appId, channel } = call;
  if (tier === 'unlimited') return undefined;
  if (tier === 'post') return limits.take(`post ${appId} ${channel}`, 60, POST_BURST);
  return limits.take(`${method} ${appId}`, tier, Math.max(tier, LEAST_BURST));
}
