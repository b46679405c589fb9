import type { Logger } from '../log.ts';
import { insertInOrder, isBefore, mark } from './lane.ts';
import type { Lane } from './lane.ts';
import type { Claimed, Inbox, QueueMetrics, ReadAnswer } from './ports.ts';

export interface MemoryOptions {
  readonly inbox: Pick<Inbox<never>, 'read'>;
  readonly log: Logger;
  /** New items wait in this lane. */
  readonly filled: (lane: Lane) => void;
  readonly metrics: Pick<QueueMetrics, 'inMemory'>;
  readonly limits?: Limits;
}

/** Items and bytes in memory, items of one lane; a part of the items is kept for lanes that have none. */
export interface Limits {
  readonly items: number;
  readonly reserve: number;
  readonly bytes: number;
  readonly ofLane: number;
}

const usual: Limits = { items: 2000, reserve: 500, bytes: 32 * 1024 * 1024, ofLane: 200 };
/** A spilled lane with fewer items than this is read on. */
const low = 16;
/** Items of one lane and lanes in one reading. */
const mostItems = 100;
const mostLanes = 50;

/**
 * The items in memory: of each lane the oldest. What doesn't fit stays in the database (the lane is spilled) and is read
 * when the lane runs low. Reading goes over the connection that everything is written through, so nothing that is read is
 * older than what was told before.
 */
export class Memory {
  private readonly options: MemoryOptions;
  private readonly limits: Limits;
  private readonly wanted = new Set<Lane>();
  private items = 0;
  private bytes = 0;
  private busy = false;

  constructor(options: MemoryOptions) {
    this.options = options;
    this.limits = options.limits ?? usual;
  }

  /** A stored item of a leased lane. */
  offer(lane: Lane, claimed: Claimed): void {
    if (lane.live.has(claimed.item.seq)) return;
    if (this.fits(lane, claimed)) return this.hold(lane, claimed);
    mark(lane);
    this.top(lane);
  }

  /** There is work in the database that isn't here: it is read before anything younger. */
  missing(lane: Lane): void {
    mark(lane);
    this.want(lane);
  }

  /** The same, while nothing can be read: it is read once the lane runs again. */
  unseen(lane: Lane): void {
    mark(lane);
  }

  /** Reads on if the lane runs low, and runs at all. */
  top(lane: Lane): void {
    if (lane.spilled && !lane.blocked && lane.waiting.length < low) this.want(lane);
  }

  /** An item that was started waits again, as the first. */
  putBack(lane: Lane, claimed: Claimed): void {
    lane.waiting.unshift(claimed);
    lane.tried = claimed;
  }

  /** An item that was started isn't held any more; it stays known until `forget`. */
  free({ item }: Claimed): void {
    this.count(-1, -item.payload.length);
    this.read();
  }

  /** The item is committed: should it be read again, it is another time. */
  forget(lane: Lane, seq: number): void {
    lane.live.delete(seq);
  }

  /** All that waits, but the first `keep`, goes back to the database. */
  trim(lane: Lane, keep: number): void {
    if (lane.waiting.length <= keep) return;
    for (const claimed of lane.waiting.splice(keep)) {
      lane.live.delete(claimed.item.seq);
      this.free(claimed);
    }
    lane.givenBack += 1;
    mark(lane);
  }

  /** The lane isn't ours any more. */
  drop(lane: Lane): void {
    this.trim(lane, 0);
    this.wanted.delete(lane);
  }

  /** Items that wait or are being handled. */
  get size(): number {
    return this.items;
  }

  /** Something is being read, or will be as soon as there is room. */
  get isReading(): boolean {
    return this.busy || this.wanted.size > 0;
  }

  /** Reads what is wanted and there is room for; asked again after the database was away. */
  read(): void {
    if (this.busy || this.next().lanes.length === 0) return;
    this.busy = true;
    // What else happens in this moment goes into the same reading.
    setImmediate(() => void this.readWanted());
  }

  private hold(lane: Lane, claimed: Claimed): void {
    lane.live.add(claimed.item.seq);
    this.count(1, claimed.item.payload.length);
    insertInOrder(lane, claimed);
  }

  private count(items: number, bytes: number): void {
    this.items += items;
    this.bytes += bytes;
    this.options.metrics.inMemory(this.items, this.bytes);
  }

  /** A younger item than those in memory may stay in the database; an older one may not, it would be passed. */
  private fits(lane: Lane, { item }: Claimed): boolean {
    const youngest = lane.waiting.at(-1);
    if (youngest && isBefore(item, youngest.item)) return true;
    return !lane.spilled && this.room(!youngest) > 0 && lane.waiting.length < this.limits.ofLane;
  }

  /** `reserved`: for a lane that has nothing yet. */
  private room(reserved: boolean): number {
    const { items, reserve, bytes } = this.limits;
    if (this.bytes >= bytes && !reserved) return 0;
    return Math.max(0, items - this.items - (reserved ? 0 : reserve));
  }

  private want(lane: Lane): void {
    this.wanted.add(lane);
    this.read();
  }

  /** Which lanes to read, and how many new items of each: never more than there is room for. */
  private next(): { readonly lanes: readonly Lane[]; readonly share: number } {
    if (this.wanted.size === 0) return { lanes: [], share: 0 };
    const lanes = [...this.wanted].toSorted((a, b) => a.lease.priority - b.lease.priority);
    const space = this.room(false);
    if (space > 0) {
      const some = lanes.slice(0, Math.min(mostLanes, space));
      return { lanes: some, share: Math.min(mostItems, Math.floor(space / some.length)) };
    }
    const bare = lanes.filter(({ waiting }) => waiting.length === 0);
    return { lanes: bare.slice(0, Math.min(mostLanes, this.room(true))), share: 1 };
  }

  private async readWanted(): Promise<void> {
    const { lanes, share } = this.next();
    for (const lane of lanes) this.wanted.delete(lane);
    try {
      if (lanes.length > 0) await this.readLanes(lanes, share);
    } catch (error) {
      this.options.log.debug('waiting items could not be read', { error });
      for (const lane of lanes) if (!lane.lost) this.wanted.add(lane);
      this.busy = false;
      return; // until somebody asks again
    }
    this.busy = false;
    this.read();
  }

  private async readLanes(lanes: readonly Lane[], share: number): Promise<void> {
    const requests = lanes.map((lane) => ({
      lease: lane.lease,
      known: [...lane.live],
      limit: lane.blocked ? 1 : share,
    }));
    const before = lanes.map(({ spills, givenBack }) => ({ spills, givenBack }));
    const answers = await this.options.inbox.read(requests);
    for (const [index, lane] of lanes.entries()) {
      const answer = answers.get(lane.lease.lane);
      if (!answer || lane.lost) continue;
      // What went back meanwhile was known when it was asked for, so it isn't in the answer: what is there would pass it.
      if (lane.givenBack !== before[index]?.givenBack) this.top(lane);
      else this.adopt(lane, answer, lane.spills === before[index]?.spills);
      this.options.filled(lane);
    }
  }

  /** What is younger than the last that was read waits in the database: older ones are there still, and would be passed. */
  private giveBackAfter(lane: Lane, last: Claimed | undefined): void {
    if (last) this.trim(lane, lane.waiting.findLastIndex(({ item }) => !isBefore(last.item, item)) + 1);
  }

  private adopt(lane: Lane, { items, more }: ReadAnswer, complete: boolean): void {
    for (const claimed of items) if (!lane.live.has(claimed.item.seq)) this.hold(lane, claimed);
    if (more) this.giveBackAfter(lane, items.at(-1));
    if (!more && complete) lane.spilled = false;
    else if (!lane.blocked && lane.waiting.length < low) this.wanted.add(lane);
  }
}
