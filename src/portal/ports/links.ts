/** What is which message on the other side, and where that is kept. */
import type { EventId, PortalId, RoomId, Ts } from '../../ids.ts';

/** What a Slack message holds: its text, continued where it is long, and its files. */
export type ContentPart = 'text' | `text.${number}` | `file:${string}`;

/**
 * Part of a Slack message, by name and never by position: `text`, `text.1`, `file:F…`; `channel:text`, …: its copy in the
 * channel, when a reply was also sent there; `none`: nothing was sent.
 */
export type PartName = ContentPart | `channel:${ContentPart}` | 'none';

/** Which Slack message (part) is which Matrix event (piece). */
export interface MessageLink {
  readonly portal: PortalId;
  readonly ts: Ts;
  readonly part: PartName;
  /** Absent where nothing was sent: for `none` rows, and files that were deleted before they came. */
  readonly event?: EventId;
  /** Which of the Slack messages, or parts of one, in one Matrix event this is, from 0: a caption comes after its file. */
  readonly piece: number;
  readonly room: RoomId;
  readonly threadTs?: Ts;
  /** Where the original was written. */
  readonly origin: 'slack' | 'matrix';
  readonly source: 'live' | 'catch-up' | 'backfill' | 'import';
  /** The author of the original: a Slack author id or a Matrix user id. */
  readonly sender: string;
  /**
   * The account that wrote our copy, the only one that may change it: a ghost's Matrix id, somebody's own account in Slack
   * (`U…`), or a team's bot (`T…`).
   */
  readonly postedAs: string;
  /** When the original was written, milliseconds. */
  readonly sentAt: number;
  /** The newest edit that was bridged; compare as strings. For Matrix originals see `editMark`. */
  readonly lastEdit?: string;
}

export interface ReactionLink {
  /** The Matrix reaction event (ours, or a person's). */
  readonly event: EventId;
  readonly portal: PortalId;
  readonly ts: Ts;
  /** Slack's name of the emoji, with skin tone. */
  readonly name: string;
  /** Slack author id or Matrix user id. */
  readonly sender: string;
  readonly origin: 'slack' | 'matrix';
  readonly postedAs: string;
}

/** What one person gives to or takes from one message in Slack. */
export interface SlackReaction {
  readonly portal: PortalId;
  readonly ts: Ts;
  readonly sender: string;
  readonly name: string;
}

/** An event of ours that belongs to a message without being its copy. */
export interface RelatedEvent {
  readonly event: EventId;
  readonly portal: PortalId;
  readonly ts: Ts;
  readonly part: PartName;
  readonly kind: 'edit' | 'redaction' | 'notice';
}

/** An attempt as an echo finds it by its key. */
export interface AttemptRecord {
  readonly seq: number;
  readonly piece: number;
  /** The Matrix event that was being posted, with what is needed to link it. */
  readonly link: Omit<MessageLink, 'ts'>;
}

/** What a handler remembers with its turn; see `Turn.remember`. All are idempotent. */
export type Change =
  | { readonly type: 'link'; readonly link: MessageLink }
  | { readonly type: 'edited'; readonly portal: PortalId; readonly ts: Ts; readonly edit: string }
  /** All parts, or the one named. */
  | { readonly type: 'deleted'; readonly portal: PortalId; readonly ts: Ts; readonly part?: PartName }
  /** A delete that came before its original. */
  | { readonly type: 'grave'; readonly portal: PortalId; readonly ts: Ts }
  | { readonly type: 'reaction'; readonly reaction: ReactionLink }
  | { readonly type: 'reaction-removed'; readonly event: EventId }
  | ({ readonly type: 'reaction-changed'; readonly at: string } & SlackReaction)
  /** The note of who reacted to a message doesn't show how things stand any more. */
  | { readonly type: 'reaction-note'; readonly portal: PortalId; readonly ts: Ts }
  | { readonly type: 'related'; readonly related: RelatedEvent }
  /** What an attempt would link: written by `begin`'s statement, so that an echo can complete it. */
  | { readonly type: 'attempt-link'; readonly piece: number; readonly link: Omit<MessageLink, 'ts'> }
  /** The post of this piece is known to be there, or known not to be. `seq` when it isn't this item's own. */
  | {
      readonly type: 'attempt-settled';
      readonly seq: number;
      readonly piece: number;
      readonly applied: boolean;
    };

/** Reads, of what is committed and of what is remembered but not committed yet. Deleted messages are not found. */
export interface LinkStore {
  byTs(portal: PortalId, ts: Ts): Promise<readonly MessageLink[]>;
  /** All pieces, in order. */
  byEvent(event: EventId): Promise<readonly MessageLink[]>;
  /** The newest mapped message of a thread, its root included: what a threaded event names for old clients. */
  latestInThread(portal: PortalId, root: Ts): Promise<MessageLink | undefined>;
  /** A delete came first. */
  hasGrave(portal: PortalId, ts: Ts): Promise<boolean>;
  /** True when the message was mapped once and deleted. */
  isDeleted(portal: PortalId, ts: Ts): Promise<boolean>;
  /** True when the Matrix event was mapped once and none of it is left. */
  isDeletedEvent(event: EventId): Promise<boolean>;
  reactionByEvent(event: EventId): Promise<ReactionLink | undefined>;
  /** Those that stand; with `name` only those. */
  reactions(portal: PortalId, ts: Ts, name?: string): Promise<readonly ReactionLink[]>;
  /** When it was last given or taken back, as far as that was bridged (Slack's event_ts): what is older comes too late. */
  reactionChangedAt(reaction: SlackReaction): Promise<string | undefined>;
  attemptByKey(opKey: string): Promise<AttemptRecord | undefined>;
  /** Our edits and notices of a message, whether it is deleted or not: they go with it. */
  related(portal: PortalId, ts: Ts): Promise<readonly RelatedEvent[]>;
}
