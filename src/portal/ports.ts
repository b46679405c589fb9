import type { SlackMessage, SlackPlace, SlackProfile } from '../events.ts';
import type { Doc } from '../format/doc.ts';
import type {
  AuthorId,
  ChannelId,
  EventId,
  MatrixUserId,
  MxcUri,
  PortalId,
  RoomId,
  SlackUserId,
  TeamId,
  Ts,
} from '../ids.ts';

/**
 * What the portals ask of the rest of the bridge. Adapters implement these; types only.
 *
 * Every method that writes may throw `TryLater` (not done, may be done later), `CannotBridge` (never, and why) or, for
 * posts to Slack, `Uncertain` (sent, answer unknown).
 */

// ---------------------------------------------------------------- portals

export type PortalStatus = 'pending' | 'filling' | 'live' | 'paused' | 'frozen' | 'unlinked';

/** What people may choose for a portal with `!slack set`. */
export interface PortalPolicy {
  /** Which way messages go. */
  readonly direction: 'both' | 'to-matrix' | 'to-slack';
  /** Whether posts of other Slack apps are bridged. */
  readonly bots: boolean;
  /** Whether `m.notice` messages (bots in Matrix) are bridged. */
  readonly notices: boolean;
  /** Whether `@room` and `@channel` reach everybody on the other side. */
  readonly everyone: boolean;
  /** Whether the portal goes on although another bridge joins the same room or channel; off in a new portal. */
  readonly otherBridges: boolean;
}

export interface PortalChannel extends SlackPlace {
  readonly name: string;
}

export interface Portal {
  readonly id: PortalId;
  readonly room: RoomId;
  readonly status: PortalStatus;
  /** Why it is paused, for people. */
  readonly pausedBecause?: string;
  readonly policy: PortalPolicy;
  /** One for each workspace that sees the channel; the first is the one that we post through. */
  readonly channels: readonly [PortalChannel, ...PortalChannel[]];
  /** Slack messages older than this were never bridged live. */
  readonly since: Ts;
}

export interface PortalStore {
  /** Look-ups in memory: all portals are known from the start of the process. Unlinked ones are not found. */
  byRoom(room: RoomId): Portal | undefined;
  byChannel(team: TeamId, channel: ChannelId): Portal | undefined;
  byId(id: PortalId): Portal | undefined;
  all(): readonly Portal[];
  /** A portal in `pending`. Throws `CannotBridge` when the room or the channel has one already. */
  create(portal: {
    readonly room: RoomId;
    readonly channel: PortalChannel;
    readonly since: Ts;
  }): Promise<Portal>;
  setStatus(id: PortalId, status: PortalStatus, because?: string): Promise<Portal>;
  setPolicy(id: PortalId, change: Partial<PortalPolicy>): Promise<Portal>;
  renameChannel(team: TeamId, channel: ChannelId, name: string): Promise<void>;
}

// ---------------------------------------------------------------- message links

/** Part of a Slack message, by name and never by position: `text`, `text.1`, `file:F…`; `none`: nothing was sent. */
export type PartName = 'text' | `text.${number}` | `file:${string}` | 'none';

/** Which Slack message (part) is which Matrix event (piece). */
export interface MessageLink {
  readonly portal: PortalId;
  readonly ts: Ts;
  readonly part: PartName;
  /** Absent for `none` rows of Slack messages. */
  readonly event?: EventId;
  /** Which Slack message of one long Matrix event this is, from 0. */
  readonly piece: number;
  readonly room: RoomId;
  readonly threadTs?: Ts;
  /** Where the original was written. */
  readonly origin: 'slack' | 'matrix';
  readonly source: 'live' | 'catch-up' | 'backfill' | 'import';
  /** The author of the original: a Slack author id or a Matrix user id. */
  readonly sender: string;
  /** The account that wrote our copy, the only one that may change it: a ghost's Matrix id, or a team's bot (`T…`). */
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

// ---------------------------------------------------------------- Matrix

/** Names an effect, so that repeating it is the same effect: the transaction id is derived from it. */
export interface EffectKey {
  /** What caused it: the Slack fact with its portal, or the Matrix event. */
  readonly fact: string;
  readonly part: string;
  /** When the original was written, in milliseconds: shown as the event's time. */
  readonly at?: number;
}

export interface OutgoingEvent {
  readonly kind: 'text' | 'emote' | 'notice';
  /** Mentions are Matrix users and rooms by now. */
  readonly text: Doc;
  readonly thread?: { readonly root: EventId; readonly latest: EventId };
  readonly replyTo?: EventId;
  /** The message in Slack: `external_url`. */
  readonly externalUrl?: string;
}

export interface RoomRights {
  readonly joined: boolean;
  /** What the bot lacks for a portal, each named as people say it; empty when all is there. */
  readonly missing: readonly string[];
}

export interface MatrixMember {
  readonly user: MatrixUserId;
  readonly name: string;
  readonly picture?: MxcUri;
  /** Another joined member of the room, no ghost, shows the same name; absent where that isn't known. */
  readonly ambiguous?: boolean;
}

export interface MatrixPort {
  readonly bot: MatrixUserId;
  /** The ghost's id: a pure function of the Slack author, injective; a promise. */
  ghostOf(team: TeamId, author: AuthorId): MatrixUserId;
  /** The inverse: whose ghost this is. */
  authorOf(user: MatrixUserId): { readonly author: AuthorId; readonly team?: TeamId } | undefined;
  /** The bot or a ghost. */
  isOurs(user: MatrixUserId): boolean;
  /** Registers the ghost, makes its device, brings name and picture in step; cheap when nothing changed. */
  prepareGhost(profile: SlackProfile): Promise<MatrixUserId>;
  /** Whether the ghost was ever prepared: a profile's change concerns nobody otherwise. */
  hasGhost(team: TeamId, author: AuthorId): Promise<boolean>;
  /** As the bot or a ghost; a ghost that isn't in the room is invited and joins, unless people removed it. */
  send(as: MatrixUserId, room: RoomId, message: OutgoingEvent, key: EffectKey): Promise<EventId>;
  edit(
    as: MatrixUserId,
    room: RoomId,
    target: EventId,
    message: OutgoingEvent,
    key: EffectKey,
  ): Promise<EventId>;
  redact(as: MatrixUserId, room: RoomId, target: EventId, key: EffectKey): Promise<EventId>;
  isRemoved(room: RoomId, event: EventId): Promise<boolean>;
  /** `reactionKey`: a Unicode emoji, or `:name:`. Resolves with the one that is there already, if that can be found. */
  react(
    as: MatrixUserId,
    room: RoomId,
    target: EventId,
    reactionKey: string,
    key: EffectKey,
  ): Promise<EventId | undefined>;
  member(room: RoomId, user: MatrixUserId): Promise<MatrixMember>;
  joinedMembers(room: RoomId): Promise<readonly MatrixUserId[]>;
  powerOf(room: RoomId, user: MatrixUserId): Promise<number>;
  /** The power that `kind` needs in the room: a state event type, or a notification key such as `room`. */
  powerNeeded(
    room: RoomId,
    kind: { readonly state: string } | { readonly notification: string },
  ): Promise<number>;
  rights(room: RoomId): Promise<RoomRights>;
  /** `undefined` for one that nobody has, and for those of other servers: nobody waits for a stranger's server. */
  resolveAlias(alias: string): Promise<RoomId | undefined>;
  createRoom(room: {
    readonly name: string;
    readonly topic?: string;
    readonly invite: readonly MatrixUserId[];
  }): Promise<RoomId>;
  join(room: RoomId): Promise<void>;
  leave(room: RoomId, as: MatrixUserId): Promise<void>;
  state(room: RoomId, type: string, stateKey: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  stateOfType(
    room: RoomId,
    type: string,
  ): Promise<
    readonly {
      readonly stateKey: string;
      readonly sender: MatrixUserId;
      readonly content: Readonly<Record<string, unknown>>;
    }[]
  >;
  setState(
    room: RoomId,
    type: string,
    stateKey: string,
    content: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /**
   * The `m.bridge` and `uk.half-shot.bridge` state of a portal; not `linked`: it is emptied. `url` is the workspace's
   * address, like `SlackTeam.url`.
   */
  describeBridge(
    room: RoomId,
    channel: PortalChannel & { readonly teamName: string; readonly url: string },
    linked: boolean,
  ): Promise<void>;
  /** Bridges, other than this one, that say in the room's state that they bridge it to Slack: their bots' ids. */
  otherBridges(room: RoomId): Promise<readonly string[]>;
}

// ---------------------------------------------------------------- Slack

export interface SlackTeam {
  readonly id: TeamId;
  readonly name: string;
  /** `https://example.slack.com/` */
  readonly url: string;
  readonly appId: string | undefined;
  readonly bot: SlackUserId;
  readonly botId: string | undefined;
  /** Why it can't be used now, for people; absent when all is well. */
  readonly trouble?: string;
}

export interface SlackChannel extends PortalChannel {
  readonly private: boolean;
  readonly archived: boolean;
  /** The bot is a member. */
  readonly member: boolean;
  readonly topic?: string;
  readonly memberCount?: number;
}

/** Under which name and picture a relayed message is posted. `picture` is an address that Slack can fetch. */
export interface RelayIdentity {
  readonly name: string;
  readonly picture?: string;
}

export interface OutgoingPost {
  /** Mentions are Slack users and channels by now. */
  readonly text: Doc;
  readonly emote: boolean;
  /** Absent: as the bot itself. */
  readonly as?: RelayIdentity;
  readonly threadTs?: Ts;
  readonly opKey: string;
}

export interface SlackPort {
  teams(): readonly SlackTeam[];
  team(team: TeamId): SlackTeam | undefined;
  /** The address of a message for people with an account there. */
  permalink(place: SlackPlace, ts: Ts, threadTs?: Ts): string;
  /** True when the author is the bot of one of our teams' apps, or the app is ours. */
  isOurs(message: Pick<SlackMessage, 'author' | 'app'>): boolean;
  /** Splits a text so that each part fits one Slack message. At least one. */
  pieces(text: Doc): readonly Doc[];
  post(place: SlackPlace, post: OutgoingPost): Promise<Ts>;
  update(place: SlackPlace, ts: Ts, post: OutgoingPost): Promise<void>;
  /** Already gone is success. */
  remove(place: SlackPlace, ts: Ts): Promise<void>;
  /** Already there is success. */
  react(place: SlackPlace, ts: Ts, name: string): Promise<void>;
  /** Already gone is success. */
  unreact(place: SlackPlace, ts: Ts, name: string): Promise<void>;
  /**
   * Posts of ours with this key that were made in this time (milliseconds), oldest first, from history and, with
   * `threadTs`, replies.
   */
  findByOpKey(
    place: SlackPlace,
    opKey: string,
    made: { readonly since: number; readonly until: number },
    threadTs?: Ts,
  ): Promise<readonly Ts[]>;
  /** One message as it stands now; `undefined` when it isn't there any more. */
  message(place: SlackPlace, ts: Ts, threadTs?: Ts): Promise<SlackMessage | undefined>;
  profile(team: TeamId, author: AuthorId): Promise<SlackProfile>;
  /** Slack told us of a change. */
  profileChanged(profile: SlackProfile): void;
  channel(team: TeamId, channel: ChannelId): Promise<SlackChannel | undefined>;
  /** Slack told us of a change: what is remembered of the channel is asked for again. */
  channelChanged(place: SlackPlace): void;
  /** By id, `#name` or name, in one team or in all; several when a name stands in several teams. */
  findChannels(query: string, team?: TeamId): Promise<readonly SlackChannel[]>;
  /** Channels that the bot could bridge: those it is in, and public ones. */
  listChannels(team: TeamId): Promise<readonly SlackChannel[]>;
  join(place: SlackPlace): Promise<void>;
  /** Names of other apps that look like bridges and posted here lately. */
  otherBridges(place: SlackPlace): Promise<readonly string[]>;
}

// ---------------------------------------------------------------- the rest

/** An address of our own web server that shows a Matrix picture to Slack, signed; absent when no public URL is set. */
export type PictureLink = (picture: MxcUri) => string | undefined;

export interface AuditLog {
  record(entry: {
    readonly actor: string;
    readonly action: string;
    readonly portal?: PortalId;
    readonly details: Readonly<Record<string, unknown>>;
  }): Promise<void>;
}

/** How far a Matrix user may go. */
export type Permission = 'none' | 'relay' | 'user' | 'admin';
export type PermissionOf = (user: MatrixUserId) => Permission;
