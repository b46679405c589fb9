import type { MatrixEvent, SlackEvent } from '../events.ts';
import type { EventId, RoomId } from '../ids.ts';

/** A lane whose oldest item has been waiting for long. */
export interface LateLane {
  readonly lane: string;
  /** What is out of reach, or limits us: a target of the queue's. Absent: nobody knows. */
  readonly needs?: string;
}

/** An item that waits; without an event where that can't be read. */
export type WaitingItem = { readonly seq: number } & (
  | { readonly from: 'matrix'; readonly event?: MatrixEvent }
  | { readonly from: 'slack'; readonly event?: SlackEvent }
);

export interface WaitingItems {
  /** The oldest that have been waiting for long, in order. */
  readonly items: readonly WaitingItem[];
  /** How many wait in the lane at all, as far as was to be counted. */
  readonly total: number;
}

/** What tells people that something waits, until it is taken away again. */
export interface WaitingMark {
  readonly lane: string;
  /** The bot's reaction to one message; its notice for all that waits in the lane; words to a person in Slack. */
  readonly kind: 'reaction' | 'notice' | 'told';
  /** The item's number; empty; the person. */
  readonly subject: string;
  readonly room: RoomId;
  /** What is reacted to. */
  readonly target?: EventId;
  /** Ours; absent while it isn't known. */
  readonly event?: EventId;
  /** When it was begun, in milliseconds since 1970. */
  readonly at: number;
}

/** Where the marks are kept. All throw `TryLater` while the database is out of reach. */
export interface WaitingStore {
  /** Of each of these lanes the oldest items that have waited so many milliseconds. */
  late(
    lanes: readonly string[],
    milliseconds: number,
    most: { readonly items: number; readonly counted: number },
  ): Promise<ReadonlyMap<string, WaitingItems>>;
  /** All marks, the oldest first; `over`: nothing has waited that long any more. */
  marks(milliseconds: number): Promise<readonly (WaitingMark & { readonly over: boolean })[]>;
  /** Before it is sent. False: it is there already. */
  begin(mark: WaitingMark): Promise<boolean>;
  /** It was sent. */
  placed(mark: WaitingMark, event: EventId): Promise<void>;
  remove(mark: WaitingMark): Promise<void>;
}
