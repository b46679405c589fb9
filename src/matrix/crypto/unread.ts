import type { RoomId } from '../../ids.ts';
import { BoundedMap } from '../bounded-map.ts';
import type { KeyKey, Undecryptable } from './ports.ts';

/** Counts what could not be read. */
export interface Unread {
  failed(room: RoomId, reason: string, missing?: KeyKey): void;
  /** Something of this key could be read. */
  read(key: KeyKey): void;
  counts(): readonly Undecryptable[];
  missingKeys(): number;
}

const mostRooms = 1000;
const mostKeys = 10_000;

/** An event that is tried again counts once, as long as its key is missing. */
export function createUnread(): Unread {
  const counts = new BoundedMap<string, Undecryptable>(mostRooms);
  const names = new Set<string>();
  const missing = new Set<KeyKey>();

  return {
    failed(room, reason, key) {
      if (key !== undefined && missing.has(key)) return;
      if (key !== undefined && missing.size < mostKeys) missing.add(key);
      const name = `${room} ${reason}`;
      names.add(name);
      counts.set(name, { room, reason, count: (counts.get(name)?.count ?? 0) + 1 });
    },
    read: (key) => void missing.delete(key),
    counts: () => [...names].flatMap((name) => counts.get(name) ?? []),
    missingKeys: () => missing.size,
  };
}
