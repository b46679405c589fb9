import type { PortalId, TeamId, Ts } from '../ids.ts';
import type { MessageLink } from './ports.ts';

/** What catching up with a channel's history asks of the store; types only. All throw `TryLater` while it is out of reach. */

/** What a person gave to a message, or took back, as far as that is known. */
export interface KnownReaction {
  /** A Slack user id. */
  readonly user: string;
  /** Slack's name of the emoji, the one name of its several. */
  readonly name: string;
  /** It stands in the room. */
  readonly given: boolean;
  /** When it was last given or taken back, where that is kept (Slack's event_ts). */
  readonly changedAt?: string;
}

/** What the bridge knows of one message in Slack. */
export interface KnownMessage {
  readonly ts: Ts;
  /** The root of its thread, for a reply. */
  readonly threadTs?: Ts;
  /**
   * `standing`: on both sides; `waiting`: stored, not handled yet; `left-out`: nothing was sent for it, on purpose or
   * because it was given up; `gone`: deleted, perhaps before it came.
   */
  readonly state: 'standing' | 'waiting' | 'left-out' | 'gone';
  readonly origin: MessageLink['origin'];
  /** The newest edit of each part that stands; empty texts where there was none. */
  readonly edits: readonly string[];
  /** A reply that is, or was, shown in the channel, too. */
  readonly inChannel?: true;
  /** Its files that are shown, by their ids in Slack; absent for none. */
  readonly files?: readonly string[];
  readonly reactions: readonly KnownReaction[];
}

/** From `from` on, before `to`. */
export interface TsRange {
  readonly from: Ts;
  readonly to?: Ts;
}

export interface CatchUpStore {
  /** What is known of the portal's messages in a range, replies among them. */
  known(portal: PortalId, range: TsRange): Promise<readonly KnownMessage[]>;
  /** The root, and of its replies those from `from` on. Deleted and waiting messages may be of other threads. */
  knownThread(portal: PortalId, root: Ts, from: Ts): Promise<readonly KnownMessage[]>;
  /** The roots of threads with a known reply since then. */
  activeThreads(portal: PortalId, since: Ts): Promise<readonly Ts[]>;
  /** The youngest event of the portal's channel that waits to be handled; `undefined`: none does. */
  waitingUpTo(portal: PortalId): Promise<Place | undefined>;
  /** Whether that one, or an older one, still waits. */
  isWaiting(portal: PortalId, upTo: Place): Promise<boolean>;
  /** Which of these facts (as in `Delivery.fact`) were stored already. */
  seenFacts(portal: PortalId, facts: readonly string[]): Promise<ReadonlySet<string>>;
  /** Up to where the channel's history was read and stored, for each portal that was read. */
  cursors(): Promise<ReadonlyMap<PortalId, HistoryCursor>>;
  /** History was read up to this message, and what was missing is stored. Never goes back. */
  readUpTo(portal: PortalId, ts: Ts): Promise<void>;
  /**
   * Takes a portal's sweep: false when another process swept it, or took it, in the last so many milliseconds.
   */
  takeSweep(portal: PortalId, within: number): Promise<boolean>;
  /** How long ago it was last noted that a workspace's events come, in milliseconds; `undefined`: never. */
  heardAgo(team: TeamId): Promise<number | undefined>;
  /** The events of these workspaces come now. */
  hears(teams: readonly TeamId[]): Promise<void>;
}

/** A place in the order in which events were stored. */
export type Place = string & { readonly [place]: true };
declare const place: unique symbol;

export interface HistoryCursor {
  readonly historyTs?: Ts;
  /** When a whole pass was begun last, in milliseconds since 1970. */
  readonly sweptAt?: number;
}

/** What a reading finds. */
export type CatchUpKind = 'message' | 'edit' | 'delete' | 'reaction' | 'reaction-removed';
