import type { Clock } from './clock.ts';

/** One line of what happened between the sandbox and its apps. */
export interface LogEntry {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /**
   * `api`: a Web API call; `event`: an attempt to deliver an event; `interaction`: what somebody did, and the app's
   * answer; `socket`: a connection opened or closed; `file`: a file
   * that was fetched or sent; `oauth`: the page on which people allow an app.
   */
  readonly kind: 'api' | 'event' | 'interaction' | 'socket' | 'fault' | 'ephemeral' | 'file' | 'oauth';
  /** What it was about: a method, an event type, a socket id. */
  readonly name: string;
  /** How it ended: `ok`, an error's name, `dropped`, `timeout`, … */
  readonly outcome: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Log {
  readonly add: (
    kind: LogEntry['kind'],
    name: string,
    outcome: string,
    details?: Readonly<Record<string, unknown>>,
  ) => void;
  /** Entries younger than `after` (a seq), oldest first, at most `limit` of the youngest. */
  readonly read: (after: number, limit: number) => readonly LogEntry[];
  /** Calls `listener` for each new entry; the result stops it. */
  readonly follow: (listener: (entry: LogEntry) => void) => () => void;
  readonly clear: () => void;
}

/** A log that keeps the youngest `capacity` entries. */
export function createLog(clock: Clock, capacity = 2000): Log {
  const ring: LogEntry[] = [];
  const listeners = new Set<(entry: LogEntry) => void>();
  let seq = 0;
  return {
    add: (kind, name, outcome, details = {}) => {
      seq += 1;
      const entry = { seq, at: clock.now(), kind, name, outcome, details };
      ring[seq % capacity] = entry;
      for (const listener of listeners) listener(entry);
    },
    read: (after, limit) => {
      const entries: LogEntry[] = [];
      const first = Math.max(after + 1, seq - Math.min(capacity, limit) + 1, 1);
      for (let wanted = first; wanted <= seq; wanted += 1) {
        const entry = ring[wanted % capacity];
        if (entry && entry.seq === wanted) entries.push(entry);
      }
      return entries;
    },
    follow: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clear: () => {
      ring.length = 0;
    },
  };
}
