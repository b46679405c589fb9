import type { Target } from '../errors.ts';
import { TryLater } from '../errors.ts';

/**
 * Pacing by Slack's published limits: a bucket for each workspace and method, and for posts one for each channel. A
 * bucket fills at its rate up to its burst. Who would wait longer than `patience` gets `TryLater` with the time instead,
 * so that no worker sits waiting. A 429 empties only the bucket that it names.
 * @see https://docs.slack.dev/apis/web-api/rate-limits
 */
export interface Pacer {
  /** Resolves when the call may be made. `background` work leaves half of the burst to what people wait for. */
  turn(bucket: Bucket, background: boolean): Promise<void>;
  /** Slack said 429: nothing goes through this bucket for so many milliseconds. */
  limited(bucket: Bucket, after: number): void;
}

export interface Bucket {
  readonly target: Target;
  readonly perMinute: number;
  readonly burst: number;
}

export interface PacerOptions {
  /** Off: calls go at once, and only a 429 holds them up. */
  readonly paced: boolean;
  /** Milliseconds, never going back. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** The longest wait inside a call, in milliseconds. */
  readonly patience?: number;
}

interface Level {
  tokens: number;
  at: number;
  closedUntil: number;
}

const tierRates = { 1: 1, 2: 20, 3: 50, 4: 100 } as const;

/** The published tier of each method that we call; tier 3 where it isn't listed. */
const tiers: Readonly<Record<string, keyof typeof tierRates>> = {
  'auth.test': 4,
  'bookmarks.list': 3,
  'bots.info': 3,
  'chat.delete': 3,
  'chat.postEphemeral': 4,
  'chat.update': 3,
  'conversations.history': 3,
  'conversations.info': 3,
  'conversations.join': 3,
  'conversations.invite': 3,
  'conversations.kick': 3,
  'conversations.list': 2,
  'conversations.members': 4,
  'conversations.rename': 2,
  'conversations.replies': 3,
  'files.completeUploadExternal': 4,
  'files.delete': 3,
  'files.getUploadURLExternal': 4,
  'files.info': 4,
  'emoji.list': 2,
  'conversations.setTopic': 2,
  'pins.add': 2,
  'pins.list': 2,
  'pins.remove': 2,
  'reactions.add': 3,
  'reactions.get': 3,
  'reactions.remove': 2,
  'team.info': 3,
  'usergroups.list': 2,
  'users.info': 4,
  'users.list': 2,
};

/** About one post a second and channel, with short bursts. */
const posting = { perMinute: 60, burst: 4 };

/** What limits a call, and which `TryLater` target stands for it. */
export function bucketOf(team: string, method: string, channel?: string): Bucket {
  if (method === 'chat.postMessage' && channel !== undefined)
    return { target: `slack:${team}:${channel}`, ...posting };
  const perMinute = tierRates[tiers[method] ?? 3];
  return { target: `slack:${team}:${method}`, perMinute, burst: Math.max(1, Math.floor(perMinute / 5)) };
}

/** What limits background calls besides: half of the rate, whatever others leave over. */
export function backgroundBucketOf(team: string, method: string): Bucket {
  const { perMinute, burst } = bucketOf(team, method);
  return {
    target: `slack:${team}:background:${method}`,
    perMinute: perMinute / 2,
    burst: Math.max(1, Math.floor(burst / 2)),
  };
}

export function createPacer(options: PacerOptions): Pacer {
  const now = options.now ?? (() => performance.now());
  const sleep = options.sleep ?? ((milliseconds) => new Promise((done) => setTimeout(done, milliseconds)));
  const patience = options.patience ?? 1000;
  const levels = new Map<Target, Level>();

  function levelOf(bucket: Bucket): Level {
    const at = now();
    const level = levels.get(bucket.target) ?? { tokens: bucket.burst, at, closedUntil: 0 };
    level.tokens = Math.min(bucket.burst, level.tokens + ((at - level.at) * bucket.perMinute) / 60_000);
    level.at = at;
    if (!levels.has(bucket.target)) forgetIdle(levels, at);
    levels.set(bucket.target, level);
    return level;
  }

  function wait(bucket: Bucket, level: Level, background: boolean): number {
    const closed = Math.max(0, level.closedUntil - level.at);
    if (!options.paced) return closed;
    const missing = 1 + (background ? bucket.burst / 2 : 0) - level.tokens;
    return Math.max(closed, (missing * 60_000) / bucket.perMinute);
  }

  return {
    turn: async (bucket, background) => {
      const level = levelOf(bucket);
      const delay = wait(bucket, level, background && bucket.burst > 1);
      if (delay > patience)
        throw new TryLater('waiting for Slack’s rate limit', {
          after: Math.ceil(delay),
          target: bucket.target,
        });
      level.tokens -= 1; // may go below zero: that is a place in the queue
      if (delay > 0) await sleep(delay);
    },
    limited: (bucket, after) => {
      const level = levelOf(bucket);
      level.closedUntil = Math.max(level.closedUntil, level.at + after);
      level.tokens = Math.min(level.tokens, 0);
    },
  };
}

/** A bucket that nobody used for so long is full again: the same as none. */
const idleFor = 10 * 60_000;
const manyLevels = 5000;

function forgetIdle(levels: Map<Target, Level>, at: number): void {
  if (levels.size < manyLevels) return;
  for (const [target, level] of levels)
    if (at - level.at > idleFor && level.closedUntil < at) levels.delete(target);
}
