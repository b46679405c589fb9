/** What can be changed while the sandbox runs; times in milliseconds. */
export interface Settings {
  /** Refuse calls over Slack's limits with 429 and `Retry-After`. */
  rateLimits: boolean;
  /** How long an app may take to acknowledge an event. */
  ackTimeoutMs: number;
  /** The waits before each repetition of an event that wasn't acknowledged; an empty list: no repetitions. */
  retryDelaysMs: readonly number[];
  /** How often sockets are pinged. */
  pingIntervalMs: number;
  /** How long after `warning` or `refresh_requested` a socket is closed. */
  socketGraceMs: number;
  /** Sockets are asked to refresh at this age; `undefined`: only on request. */
  socketLifeMs: number | undefined;
  /** With `rateLimits`: events an hour and team, after which only `app_rate_limited` is sent. */
  eventsPerHour: number;
  /** How many requests to one request URL are under way at once. */
  httpConcurrency: number;
  /** How long after `files.completeUploadExternal` answered the message is there. */
  shareDelayMs: number;
  /** What a file may have at most, in bytes. */
  largestFile: number;
}

export function defaultSettings(): Settings {
  return {
    rateLimits: false,
    ackTimeoutMs: 3000,
    retryDelaysMs: [0, 60_000, 300_000],
    pingIntervalMs: 10_000,
    socketGraceMs: 10_000,
    socketLifeMs: undefined,
    eventsPerHour: 30_000,
    httpConcurrency: 32,
    shareDelayMs: 50,
    largestFile: 1024 ** 3,
  };
}
