import type { ParentKey, Target } from '../errors.ts';

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
    /** A chat of people that one of them shows us: what is said there waits for its portal to be made. */
    readonly chat?: boolean;
  };
  /** The source and its own id for this delivery, e.g. `slack:T1:Ev1`, `matrix:$event`. */
  readonly deliveryKey: string;
  /**
   * What happened, without the portal (the store adds it), e.g. `message:1700000000.000100`; absent: no second key.
   * A new Slack message is `message:<ts>`: when it is given up, the store remembers that nothing was sent for it.
   */
  readonly fact?: string;
  /**
   * The messages that the handler will ask for: for Slack their ts (a thread's root, a reaction's message), for Matrix
   * event ids (the message itself, what is edited, answered, redacted). Only speed: their links come with the item and cost no look-up.
   * For Slack the ts in `fact` is added.
   */
  readonly about?: readonly string[];
  /**
   * It steers the bridge (a command, a change of the room or channel) instead of being bridged: it goes through a lane of
   * its own, so that it never waits behind the messages of a portal that is paused.
   */
  readonly control?: boolean;
  /**
   * It steers, and says who hears what is written from then on: where the portal is a chat of people, it keeps its place
   * among the messages.
   */
  readonly growth?: boolean;
  /** Who is in a channel: it goes through a lane of its own that comes after what people wait for. */
  readonly members?: boolean;
  /** A vote in a poll: it goes through a lane of its own, so that a thousand of them hold up no message. */
  readonly votes?: boolean;
  /**
   * It changes what room and channel show of themselves (topic, name, pins): both directions share a lane of their own, so
   * that they see each other's work, and neither messages nor commands wait for Slack's limits on such changes.
   */
  readonly shown?: boolean;
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
  /** It was parked for a parent, or for a key, and has waited long enough: decide without it. */
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
 * Handles one item: returns when its effects are done. Throws `TryLater`, `CannotBridge`, `WaitForParent`, `WaitForFile`, `WaitForKey`, `LeaseLost`,
 * or anything else (a bug).
 */
export type Handle<Change> = (turn: Turn<Change>) => Promise<void>;

/**
 * An item that is given up: the sender should see why. Throws `TryLater` when nobody can be told now: the item is then tried
 * once more later. What it sends must repeat safely. Resolves with the Matrix event that tells the sender, if there is one.
 */
export type GiveUp = (
  item: Item,
  reason: { readonly code: string; readonly message: string },
) => Promise<string | undefined>;

/** The right to work on a lane. The epoch changes with the owner: what an older owner writes is refused. */
export interface Lease {
  readonly lane: string;
  readonly epoch: number;
  /** 0: messages; 1: members and profiles; 2: history. */
  readonly priority: number;
}

/** A lane whose oldest item has been waiting for long. */
export interface WaitingLane {
  readonly lane: string;
  /** What it surely waits for: a target that is out of reach, or limits us. Absent: nobody knows, or it is only slow. */
  readonly needs?: Target;
}

/** An item as the store hands it out. */
export interface Claimed {
  readonly item: Item;
  readonly openAttempts: readonly Attempt[];
  /** Not to be tried before this, in milliseconds since 1970. */
  readonly notBefore?: number;
}

/** How a try of an item ended. */
export type Ending =
  | { readonly type: 'done' }
  | { readonly type: 'retry'; readonly notBefore: number; readonly attempts: number; readonly error: string }
  /** Until `until` (milliseconds since 1970), or until the parent is linked; for a file, until it arrived or can't come. */
  | { readonly type: 'park'; readonly parent: ParentKey; readonly until: number }
  /** `reason` is a short constant; `noticed`: the event that told the sender. */
  | {
      readonly type: 'dead';
      readonly reason: string;
      readonly error: string;
      readonly noticed?: string;
    };

/** What to commit of one item, under one lease. */
export interface Work<Change> {
  readonly lease: Lease;
  readonly seq: number;
  readonly changes: readonly Change[];
  readonly attempt?: Attempt;
  readonly ending?: Ending;
}

/** `fenced`: the lane has another owner, nothing was written. */
export type Verdict = 'committed' | 'fenced';

/** What the store tells the worker. Called in the order in which things were committed; must not throw. */
export interface InboxEvents {
  /** Whether this worker wants to lease the lane of an item that is being stored: it has room and isn't stopping. */
  wants(lane: string): boolean;
  holds(lane: string): boolean;
  /** Holds the lane, and has all its items in memory. */
  complete(lane: string): boolean;
  /** The item is in memory, or will be read anyway, or isn't ours to handle. */
  knows(lane: string, seq: number): boolean;
  leased(lease: Lease): void;
  /** An item of a leased lane was committed. */
  stored(lane: string, claimed: Claimed): void;
  /** There may be work in this lane that isn't in memory: a parent was linked, another process stored something. */
  work(lane: string): void;
  /** An item for this lane was in the database already. */
  known(lane: string): void;
  /** The connection is lost: whether the lanes are still ours isn't known until the next `renew`. */
  disconnected(): void;
  reconnected(): void;
}

export interface ReadRequest {
  readonly lease: Lease;
  /** These are known already: they are left out. */
  readonly known: readonly number[];
  readonly limit: number;
}

export interface ReadAnswer {
  readonly items: readonly Claimed[];
  /** There is more than this. */
  readonly more: boolean;
}

export interface ReadyItem {
  readonly lane: string;
  readonly seq: number;
}

/** Leases as the database knows them, and how many processes share them. */
export interface Leases {
  readonly held: readonly Lease[];
  readonly processes: number;
  /** All lanes that any process that lives holds. */
  readonly lanes: number;
}

/** What the worker asks of the store. Everything rejects while the database is out of reach, except `commit`. */
export interface Inbox<Change> {
  readonly leaseSeconds: number;
  /** From now on stored items of leased lanes are handed to the worker. */
  listen(events: InboxEvents): void;
  /** Extends this process's lease, which all its lanes share, to `leaseSeconds` from now. */
  renew(): Promise<Leases>;
  /** Leases free lanes with work but for `except`, those of the lowest priority number first. */
  claim(limit: number, except?: readonly string[]): Promise<readonly Lease[]>;
  /** Gives lanes back. */
  release(leases: readonly Lease[]): Promise<void>;
  /** The process stops: its lease ends. */
  leave(): Promise<void>;
  /** The oldest ready items of each lane, in order. Lanes that are no longer leased have none. */
  read(requests: readonly ReadRequest[]): Promise<ReadonlyMap<string, ReadAnswer>>;
  /** Wakes parked items whose time has come or whose parent is there; says which ready items there are in these lanes. */
  sweep(lanes: readonly string[]): Promise<readonly ReadyItem[]>;
  /**
   * Commits in the order of the calls. Waits out a lost connection: the work is kept and repeated, which has no second
   * effect. Not `urgent`: rides along with other work, or goes by itself within 20 ms. Rejects with the database's error when
   * this very work is refused; the rest goes on.
   */
  commit(work: Work<Change>, urgent: boolean): Promise<Verdict>;
  /** Look-ups see the change from now on, until it is committed or dropped. */
  remember(change: Change): void;
  drop(changes: readonly Change[]): void;
}

/** Counters that the worker feeds. */
export interface QueueMetrics {
  /** An item's effects are made; `seconds` since it was received. */
  handled(from: Network, seconds: number): void;
  /** `target`: the other side is away or limits us; `item`: counted against this item. */
  retried(from: Network, reason: 'target' | 'item'): void;
  deadLetter(from: Network, reason: string): void;
  parked(from: Network): void;
  /** An item was started after a younger one of its lane: it came late. */
  late(from: Network): void;
  /** So many items are in memory, waiting or being handled, with so many bytes of payload. */
  inMemory(items: number, bytes: number): void;
}

/** Counters that the intake feeds. `known`: delivered before; `unlinked`: of a conversation that isn't bridged. */
export interface IntakeMetrics {
  delivery(from: Network, outcome: 'stored' | 'known' | 'malformed' | 'unlinked'): void;
}
