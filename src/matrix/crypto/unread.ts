import type { RoomId } from '../../ids.ts';
import type { KeyKey, Undecryptable } from './ports.ts';

/** Counts what could not be read. */
export interface Unread {
  failed(room: RoomId, reason: string, missing?: KeyKey): void;
  /** Something of this key could be read. */
  read(key: KeyKey): void;
  counts(): readonly Undecryptable[];
  missingKeys(): number;
}

const mostCounts = 1000;
const mostKeys = 10_000;
/** What hasn't come by then won't, in milliseconds. */
const missedFor = 60 * 60_000;

/** An event that is tried again counts once, as long as its key is missing. */
export function createUnread(now: () => number = () => performance.now()): Unread {
  const counts = new Map<string, Undecryptable>();
  const missing = new Map<KeyKey, number>();

  function isKnown(key: KeyKey): boolean {
    for (const [old, since] of missing) {
      if (since + missedFor > now() && missing.size <= mostKeys) break;
      missing.delete(old);
    }
    return missing.has(key);
  }

  return {
    failed(room, reason, key) {
      if (key !== undefined) {
        if (isKnown(key)) return;
        missing.set(key, now());
      }
      const name = `${room} ${reason}`;
      const count = (counts.get(name)?.count ?? 0) + 1;
      if (count > 1 || counts.size < mostCounts) counts.set(name, { room, reason, count });
    },
    read: (key) => void missing.delete(key),
    counts: () => [...counts.values()],
    missingKeys: () => [...missing.values()].filter((since) => since + missedFor > now()).length,
  };
}
