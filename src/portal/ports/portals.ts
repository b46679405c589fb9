/** Portals, and where they are kept. */
import type { SlackPlace } from '../../events.ts';
import type { ChannelId, PortalId, RoomId, TeamId, Ts } from '../../ids.ts';

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
  /** How people are told that what they wrote waits: by the bot's reactions to it, by a notice, not at all. */
  readonly waiting: 'reaction' | 'notice' | 'off';
  /** Whether the bot lists, in the message's thread in Slack, who in Matrix reacted with what. */
  readonly reactionNames: boolean;
  /** Whether topics go across. */
  readonly topic: boolean;
  /** Whether the name of the channel and that of the room are one. */
  readonly name: boolean;
  /** Whether pins go across. */
  readonly pins: boolean;
  /** Whether people can't write in the room while the channel is archived. */
  readonly readOnly: boolean;
  /** Whether a text with one file comes from Slack as the file's caption; else as a message before it. */
  readonly captions: boolean;
  /**
   * Which people of the channel are in the room as ghosts: all of them where there aren't too many (`auto`), all (`on`),
   * those who say something, until they leave the channel (`lazy`), those who ever said something (`off`).
   */
  readonly members: 'auto' | 'on' | 'lazy' | 'off';
  /** Whether people who remove or ban a ghost remove its person from the channel. */
  readonly kicks: boolean;
  /** Whether people who invite a ghost invite its person into the channel. */
  readonly invites: boolean;
  /** The largest file that goes across, in bytes, where that is less than the bridge's limit; 0: as much as that. */
  readonly largestFile: number;
  /** Whether the room is encrypted; `default`: as the configuration says for its kind. */
  readonly encryption: 'default' | EncryptionChoice;
}

/**
 * `off`: an encrypted room isn't bridged; `allow`: it is, as one that isn't; `on`: the same, and rooms that the bridge makes
 * begin encrypted; `require`: one that isn't encrypted is not bridged.
 */
export type EncryptionChoice = 'off' | 'allow' | 'on' | 'require';

/** What holds where nobody chose otherwise. */
export interface EncryptionDefaults {
  /** Rooms of public channels. */
  readonly rooms: EncryptionChoice;
  /** Of private ones. */
  readonly private: EncryptionChoice;
  /** Chats. */
  readonly direct: EncryptionChoice;
}

/** A channel of a workspace; a chat of two people; one of a few. */
export type PortalKind = 'channel' | 'direct' | 'group';

/** Who reads a channel in Slack, and hears of what happens there: the bot as a member, or linked people by their tokens. */
export type ReadThrough = 'bot' | 'people';

export interface PortalChannel extends SlackPlace {
  readonly name: string;
}

export interface Portal {
  readonly id: PortalId;
  readonly kind: PortalKind;
  readonly through: ReadThrough;
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

export interface NewPortal {
  readonly room: RoomId;
  readonly channel: PortalChannel;
  readonly since: Ts;
  /** Absent: a channel. Chats are read through people. */
  readonly kind?: PortalKind;
  /** Absent: for a channel the bot, for a chat people. */
  readonly through?: ReadThrough;
}

export interface PortalStore {
  /** Look-ups in memory: all portals are known from the start of the process. Unlinked ones are not found. */
  byRoom(room: RoomId): Portal | undefined;
  byChannel(team: TeamId, channel: ChannelId): Portal | undefined;
  byId(id: PortalId): Portal | undefined;
  all(): readonly Portal[];
  /** A portal in `pending`. Throws `CannotBridge` when the room or the channel has one already. */
  create(portal: NewPortal): Promise<Portal>;
  /** Ends a portal, and its room is another's: at once, or not at all. The new one is in `pending`. */
  succeed(id: PortalId, next: NewPortal): Promise<Portal>;
  setStatus(id: PortalId, status: PortalStatus, because?: string): Promise<Portal>;
  setPolicy(id: PortalId, change: Partial<PortalPolicy>): Promise<Portal>;
  setThrough(id: PortalId, through: ReadThrough): Promise<Portal>;
  /** The portal's first channel has another id from now on; the old one still leads to the portal. */
  moveChannel(id: PortalId, to: PortalChannel): Promise<Portal>;
  renameChannel(team: TeamId, channel: ChannelId, name: string): Promise<void>;
}
