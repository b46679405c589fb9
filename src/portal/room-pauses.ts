import type { RoomId } from '../ids.ts';

/** In milliseconds. */
const first = 1000;
const longest = 5 * 60_000;
/** More rooms than refuse at once; past it each is asked anew. */
const most = 10_000;

/** Rooms that were asked in vain: each is left alone for a while, twice as long each time. */
export class RoomPauses {
  readonly #now: () => number;
  readonly #pauses = new Map<RoomId, { readonly length: number; readonly until: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Those that are to be left alone now. */
  rooms(): Set<RoomId> {
    const now = this.#now();
    return new Set([...this.#pauses].flatMap(([room, { until }]) => (until > now ? [room] : [])));
  }

  /** @param atLeast what the room's homeserver asks for, in milliseconds. */
  longer(room: RoomId, atLeast: number = 0): void {
    const before = this.#pauses.get(room)?.length;
    const length = Math.max(atLeast, before === undefined ? first : Math.min(longest, before * 2));
    if (this.#pauses.size >= most) this.#pauses.clear();
    this.#pauses.set(room, { length: Math.min(longest, length), until: this.#now() + length });
  }

  /** It took something. */
  over(room: RoomId): void {
    this.#pauses.delete(room);
  }
}
