import type { Target } from '../errors.ts';
import type { Claimed, Lease } from './ports.ts';

/** A leased lane as far as it is in memory: its oldest items. */
export interface Lane {
  readonly lease: Lease;
  /** Waiting, the oldest first. */
  readonly waiting: Claimed[];
  /** All items of the lane that are in memory or not committed yet. */
  readonly live: Set<number>;
  running: Claimed | undefined;
  /** What waits again, as the first, after a try. */
  tried: Claimed | undefined;
  /** The oldest is held back: something older may come yet. */
  held: boolean;
  /** The oldest waits for its time or for a target: one item in memory is enough. */
  blocked: boolean;
  /** Handled, and not committed yet. */
  uncommitted: number;
  /** It is to be given to another process: nothing more is started. */
  leaving: boolean;
  /** The database has more than is in memory. `spills` tells whether that happened again during a reading. */
  spilled: boolean;
  spills: number;
  /** How often items in memory went back to the database. */
  givenBack: number;
  /** What its last item couldn't reach, or what its items surely need. */
  needs: Target | undefined;
  timer: NodeJS.Timeout | undefined;
  /** The order of the youngest item that was started. */
  youngest: Order | undefined;
  lost: boolean;
}

interface Order {
  readonly srcTs: string;
  readonly seq: number;
}

export function createLane(lease: Lease): Lane {
  return {
    lease,
    waiting: [],
    live: new Set(),
    running: undefined,
    tried: undefined,
    held: false,
    blocked: false,
    uncommitted: 0,
    leaving: false,
    spilled: true, // what was stored before is found by reading
    spills: 0,
    givenBack: 0,
    needs: lease.lane.endsWith(':slack') ? 'matrix' : undefined,
    timer: undefined,
    youngest: undefined,
    lost: false,
  };
}

/** Slack's items by their ts, Matrix's (which have none) as they came. */
export function isBefore(a: Order, b: Order): boolean {
  return a.srcTs === b.srcTs ? a.seq < b.seq : a.srcTs < b.srcTs;
}

/** Puts an item where it belongs among those that wait: never before one whose effect may be there already. */
export function insertInOrder({ waiting, tried }: Lane, claimed: Claimed): void {
  const first = tried !== undefined && waiting[0] === tried ? 1 : 0;
  let place = waiting.length;
  for (; place > first; place -= 1) {
    const before = waiting[place - 1];
    if (!before || isBefore(before.item, claimed.item)) break;
  }
  waiting.splice(place, 0, claimed);
}

/**
 * How many handled items may be uncommitted when the next one starts. Towards Matrix an effect that is repeated after a
 * crash is the same effect. Towards Slack a post waits for its own attempt's commit, which carries the completion before it.
 *
 * @param uncommitted in all lanes: where many lanes are busy each waits for its own commits sooner, or thousands of items
 *   would be kept in memory.
 */
export function windowOf({ item }: Claimed, uncommitted: number): number {
  if (uncommitted >= mostUncommitted) return 1;
  return item.from === 'slack' ? 32 : 2;
}

const mostUncommitted = 500;

export function mark(lane: Lane): void {
  lane.spilled = true;
  lane.spills += 1;
}
