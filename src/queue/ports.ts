import type { ParentKey } from '../errors.ts';

/**
 * The queue between intake and the portals. The inbox in PostgreSQL is the only queue: an item leaves it when its
 * effects are done and remembered, in one statement. `Change` is what a handler remembers; the queue only carries it.
 */

export type Network = 'slack' | 'matrix';

/** An event as it came in, before anything but its addresses has been read. */
export interface Delivery {
  readonly from: Network;
  /** Where it belongs; decides its lane. A Slack event without a channel goes to its user's lane, else its team's. */
  readonly route: {
    readonly team?: string;
    readonly channel?: string;
    readonly user?: string;
    readonly room?: string;
  };
  /** The source and its own id for this delivery, e.g. `slack:T1:Ev1`, `matrix:$event`. */
  readonly deliveryKey: string;
  /** What happened, without the portal (the store adds it), e.g. `message:1700000000.000100`; absent: no second key. */
  readonly fact?: string;
  /** The order among what is stored: ts or event_ts for Slack; empty for Matrix, which is ordered by arrival. */
  readonly srcTs: string;
  /** The JSON as it came (for Slack the whole envelope body); sealed before it is written. */
  readonly payload: Buffer;
  /** Why it can't be handled: it is stored as a dead letter at once, and acknowledged. */
  readonly malformed?: string;
}

/** Stores deliveries. What both adapters' intakes ask for. */
export interface IntakePort {
  /**
   * Resolves when all are committed (or were known already): only then may they be acknowledged. Rejects when the
   * database can't take them: answer 503, or don't acknowledge.
   */
  store(deliveries: readonly Delivery[]): Promise<void>;
}

export interface Item {
  readonly seq: number;
  readonly lane: string;
  readonly from: Network;
  readonly srcTs: string;
  readonly payload: Buffer;
  /** How often it was tried before for an error of its own. */
  readonly attempts: number;
  readonly receivedAt: Date;
  /** It was parked for a parent and has waited long enough: decide without it. */
  readonly waited: boolean;
}

/** One post to Slack that was begun: committed before the call, since a post can't be repeated. */
export interface Attempt {
  /** Which Slack message of this item, from 0. */
  readonly piece: number;
  /** Opaque, in the post's metadata: HMAC(bridge id, event id, piece). */
  readonly opKey: string;
  /** A hash of what is posted. */
  readonly planHash: string;
  /** When the call surely is over, in milliseconds since 1970. */
  readonly deadline: number;
}

/** What a handler may do with its item while it works on it. */
export interface Turn<Change> {
  readonly item: Item;
  /** Attempts of an earlier try that aren't settled: settle each before posting its piece again. */
  readonly openAttempts: readonly Attempt[];
  /** Remembered with the item's completion, or with the next `flush` or `begin`; visible to look-ups at once. */
  remember(change: Change): void;
  /** Commits what is remembered so far. */
  flush(): Promise<void>;
  /** Commits the attempt (and what is remembered so far); post only after it resolved. */
  begin(attempt: Attempt): Promise<void>;
  /** Throws `LeaseLost` when this process may not write to a network for this lane any more. Ask before each write. */
  mayWrite(): void;
}

/**
 * Handles one item: returns when its effects are done. Throws `TryLater`, `CannotBridge`, `WaitForParent`, `LeaseLost`,
 * or anything else (a bug).
 */
export type Handle<Change> = (turn: Turn<Change>) => Promise<void>;

/** An item that was given up: the sender should see why. Must not throw; what it sends must repeat safely. */
export type GiveUp = (
  item: Item,
  reason: { readonly code: string; readonly message: string },
) => Promise<void>;

export interface Lease {
  readonly lane: string;
  readonly epoch: number;
}

/** An item as the store hands it out. `change keys` that wake parked items are computed by the store. */
export interface Claimed {
  readonly item: Item;
  readonly openAttempts: readonly Attempt[];
}

export type Ending =
  | { readonly type: 'done' }
  | { readonly type: 'retry'; readonly notBefore: number; readonly counted: boolean; readonly error: string }
  | { readonly type: 'park'; readonly parent: ParentKey; readonly until: number }
  | { readonly type: 'dead'; readonly reason: string; readonly error: string };
