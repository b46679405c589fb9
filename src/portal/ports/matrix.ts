/** What the portals ask of Matrix. See `ports.ts` for what writes may throw. */
import type {
  MatrixCipher,
  MatrixMessage,
  MatrixPoll,
  MatrixReaction,
  SlackPlace,
  SlackProfile,
} from '../../events.ts';
import type { Doc } from '../../format/doc.ts';
import type { AuthorId, EventId, FileId, MatrixUserId, MxcUri, RoomId, TeamId } from '../../ids.ts';
import type { PortalChannel } from './portals.ts';

/** Names an effect, so that repeating it is the same effect: the transaction id is derived from it. */
export interface EffectKey {
  /** What caused it: the Slack fact with its portal, or the Matrix event. */
  readonly fact: string;
  readonly part: string;
  /** When the original was written, in milliseconds: shown as the event's time. */
  readonly at?: number;
  /** For whom of Slack it is done: what is done as a real person needs it. */
  readonly author?: AuthorId;
}

/**
 * Which account does something for somebody in Slack who has two: their own, and their ghost. Effects repeat safely only under the same account. So the choice is committed before the effect, and a repeat keeps to
 * it, whatever changed meanwhile: the person may have left the room, or logged in or out.
 */
export interface AccountChoices {
  /** The account that was chosen for the effect; nobody chose one: `wanted`, from now on. */
  choose(effect: EffectKey, wanted: MatrixUserId): Promise<MatrixUserId>;
  /** The chosen account can't do it, and surely didn't: this one does it from now on. */
  change(effect: EffectKey, account: MatrixUserId): Promise<void>;
}

/** Who says a message that another's account sends: clients that know it show this name and picture for it alone. */
export interface Speaker {
  /** The same for the same speaker. */
  readonly id: string;
  readonly name: string;
  readonly picture?: MxcUri;
}

/** A file that is on the homeserver, as it is shown in a room. */
export interface OutgoingMedia {
  /** `voice`: what somebody said, for clients that show that in another way than a sound. */
  readonly kind: 'image' | 'video' | 'audio' | 'voice' | 'file';
  readonly url: MxcUri;
  /** What is there is enciphered: as it has to be in encrypted rooms. */
  readonly cipher?: MatrixCipher;
  /** Cleaned. */
  readonly name: string;
  readonly mimetype: string;
  /** Bytes. */
  readonly size: number;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Milliseconds. */
  readonly duration?: number;
  /** Levels from 0 to 100. */
  readonly waveform?: readonly number[];
  readonly thumbnail?: {
    readonly url: MxcUri;
    readonly cipher?: MatrixCipher;
    readonly mimetype: string;
    readonly size: number;
    readonly width: number;
    readonly height: number;
  };
  /** What it shows, in words. */
  readonly altText?: string;
}

export interface OutgoingEvent {
  readonly kind: 'text' | 'emote' | 'notice';
  /** Mentions are Matrix users and rooms by now. Of a file it is the caption; empty: there is none. */
  readonly text: Doc;
  readonly file?: OutgoingMedia;
  /** The file in Slack that it shows, or stands for: by that it is known again when the database is gone. */
  readonly slackFile?: FileId;
  /** Absent: the account's own. Other clients see the name before the text. */
  readonly speaker?: Speaker;
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

/** A vote in a poll, or its end. `at` is what the sender's server says, in milliseconds. */
export interface PollChange {
  readonly kind: 'vote' | 'end';
  readonly event: string;
  readonly sender: MatrixUserId;
  readonly at: number;
  /** Ids of answers, in the order in which they were chosen; of an end none. */
  readonly choices: readonly string[];
}

/** A poll as it stands, with all its changes in any order. */
export interface ShownPoll {
  readonly message: MatrixMessage & { readonly poll: MatrixPoll };
  readonly changes: readonly PollChange[];
}

/** A chat as the room shows that is made for it. */
export interface NewChatRoom {
  /** Of a group; a chat of two is called by who is in it. */
  readonly name?: string;
  readonly channel: DescribedChannel;
  /** They look after the room. */
  readonly people: readonly MatrixUserId[];
  readonly ghosts: readonly MatrixUserId[];
  /** From the first message on. */
  readonly encrypt?: boolean;
}

/** A channel as rooms say which they are joined to. `url` is the workspace's address, like `SlackTeam.url`. */
export type DescribedChannel = PortalChannel & { readonly teamName: string; readonly url: string };

export interface MatrixPort {
  readonly bot: MatrixUserId;
  /** The ghost's id: a pure function of the Slack author, injective; a promise. */
  ghostOf(team: TeamId, author: AuthorId): MatrixUserId;
  /** The inverse: whose ghost this is. */
  authorOf(user: MatrixUserId): { readonly author: AuthorId; readonly team?: TeamId } | undefined;
  /** The bot or a ghost. */
  isOurs(user: MatrixUserId): boolean;
  /**
   * The double puppet of somebody in Slack: their own account on our homeserver, as which we may act. Undefined: they have
   * none, and their ghost stands for them. Asks nobody.
   */
  doubleOf(team: TeamId, author: AuthorId): MatrixUserId | undefined;
  /**
   * Registers the ghost, makes its device, brings name and picture in step; cheap when nothing changed. `quietly`: nobody
   * waits for it.
   */
  prepareGhost(profile: SlackProfile, haste?: { readonly quietly?: boolean }): Promise<MatrixUserId>;
  /** Whether the ghost was ever prepared: a profile's change concerns nobody otherwise. */
  hasGhost(team: TeamId, author: AuthorId): Promise<boolean>;
  /**
   * As the bot, a ghost or a double puppet; a ghost that isn't in the room is invited and joins, unless people removed it. A
   * double puppet never joins: where it can't write it throws `CannotBridge` with `double-away`, as do the others of these.
   */
  send(as: MatrixUserId, room: RoomId, message: OutgoingEvent, key: EffectKey): Promise<EventId>;
  edit(
    as: MatrixUserId,
    room: RoomId,
    target: EventId,
    message: OutgoingEvent,
    key: EffectKey,
  ): Promise<EventId>;
  redact(as: MatrixUserId, room: RoomId, target: EventId, key: EffectKey): Promise<EventId>;
  /**
   * The picture at an address, brought over once. `undefined` when that can't be had within about a second: nobody waits
   * longer for a picture, and it may be there the next time.
   */
  picture(url: string): Promise<MxcUri | undefined>;
  /** Where a picture that was brought over came from; nothing for any other. */
  pictureSources(picture: MxcUri): Promise<readonly string[]>;
  /** Whether an event can have been edited: clients show no edit of what was removed, of an edit, or of others' messages. */
  canBeEdited(room: RoomId, event: EventId, by: MatrixUserId): Promise<boolean>;
  /** A message as it reads now, under its own id; `undefined` when it isn't there, was removed, or is none. */
  message(room: RoomId, event: EventId): Promise<MatrixMessage | undefined>;
  /** A poll with what was voted so far; `undefined` like `message`, and for what is no poll. */
  poll(room: RoomId, event: EventId): Promise<ShownPoll | undefined>;
  /** The key is a Unicode emoji, the address of an uploaded picture, or `:name:`. Resolves with the one that is there already, if that can be found. */
  react(
    as: MatrixUserId,
    room: RoomId,
    target: EventId,
    reaction: MatrixReaction,
    key: EffectKey,
  ): Promise<EventId | undefined>;
  /**
   * Whether what is said in the room is encrypted: then its files have to be, and people's own accounts can't write there
   * for us. False also where encryption is off altogether.
   */
  encrypts(room: RoomId): Promise<boolean>;
  member(room: RoomId, user: MatrixUserId): Promise<MatrixMember>;
  joinedMembers(room: RoomId): Promise<readonly MatrixUserId[]>;
  powerOf(room: RoomId, user: MatrixUserId): Promise<number>;
  /** The power that `kind` needs in the room: a state event type, a notification key such as `room`, or to redact others' events. */
  powerNeeded(
    room: RoomId,
    kind: { readonly state: string } | { readonly notification: string } | { readonly action: 'redact' },
  ): Promise<number>;
  rights(room: RoomId): Promise<RoomRights>;
  /** `undefined` for one that nobody has, and for those of other servers: nobody waits for a stranger's server. */
  resolveAlias(alias: string): Promise<RoomId | undefined>;
  /** The alias of our namespace for this name; `undefined` where it can be none, or rooms get none. */
  aliasOf(name: string): string | undefined;
  /** Aliases of our namespace that lead to the room. */
  ownAliases(room: RoomId): Promise<readonly string[]>;
  /** Resolves with whether it leads to the room; not where it leads to another. */
  addAlias(room: RoomId, alias: string): Promise<boolean>;
  /** Already gone is success. */
  removeAlias(alias: string): Promise<void>;
  /**
   * The room shows just these of our aliases, the first as its main address unless people chose another. Where people took
   * ours away it shows none of them.
   */
  showAliases(room: RoomId, aliases: readonly string[]): Promise<void>;
  /** Whether the bot made the room. */
  isOwnRoom(room: RoomId): Promise<boolean>;
  createRoom(room: {
    readonly name: string;
    readonly topic?: Doc;
    readonly invite: readonly MatrixUserId[];
    /** From the first message on. */
    readonly encrypt?: boolean;
  }): Promise<RoomId>;
  /** Makes a room for a chat of people of Slack. It says of itself for which. */
  createChatRoom(room: NewChatRoom): Promise<RoomId>;
  /** The room that was made for this chat before, by a process that came no further; `isTaken`: it is another chat's by now. */
  chatRoomOf(channel: SlackPlace, isTaken: (room: RoomId) => boolean): Promise<RoomId | undefined>;
  join(room: RoomId): Promise<void>;
  /** Joins as a ghost that is invited, or that the bot may invite. There already is success. */
  bringIn(room: RoomId, ghost: MatrixUserId): Promise<void>;
  /** The same in the background, and not if people removed the ghost: throws `CannotBridge` with `kicked` or `banned` then. */
  enter(room: RoomId, ghost: MatrixUserId): Promise<void>;
  /** The rooms that a ghost is in. */
  roomsOf(ghost: MatrixUserId): Promise<readonly RoomId[]>;
  /** Brings the bot in, by a ghost that is in the room, with the power that a portal needs if the ghost can give it. */
  bringBot(room: RoomId, ghost: MatrixUserId): Promise<void>;
  /** Invites somebody as the bot. In the room already, or invited, is success. */
  invite(room: RoomId, user: MatrixUserId): Promise<void>;
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
  /** Shows the room among the direct chats with `other` in this person's clients. Resolves with whether we may. */
  markDirect(user: MatrixUserId, room: RoomId, other: MatrixUserId): Promise<boolean>;
  /** Joins a direct chat that was made for this person and to which they are invited. Resolves with whether they are in it. */
  joinDirect(user: MatrixUserId, room: RoomId): Promise<boolean>;
  /** The bot's chat with a person, who is invited to a new one where there is none. */
  chatWith(user: MatrixUserId): Promise<RoomId>;
  /** A person made this room for a chat with the bot. */
  rememberChat(user: MatrixUserId, room: RoomId): Promise<void>;
  /**
   * `as`: somebody's double puppet; absent: the bot. Throws `CannotBridge` `double-away` where the homeserver doesn't let them,
   * for who isn't in the room or lacks the power.
   */
  setState(
    room: RoomId,
    type: string,
    stateKey: string,
    content: Readonly<Record<string, unknown>>,
    as?: MatrixUserId,
  ): Promise<void>;
  /** `m.room.topic`, with its form for clients that show it; `plainText` of it for all others. `as`: like `setState`. */
  setTopic(room: RoomId, topic: Doc, as?: MatrixUserId): Promise<void>;
  /** Gives a room that the bot made this picture, unless people chose another one there, or none. */
  showPicture(room: RoomId, picture: MxcUri): Promise<void>;
  /** The `m.bridge` and `uk.half-shot.bridge` state of a portal; not `linked`: it is emptied. */
  describeBridge(room: RoomId, channel: DescribedChannel, linked: boolean): Promise<void>;
  /** Bridges, other than this one, that say in the room's state that they bridge it to Slack: their bots' ids. */
  otherBridges(room: RoomId): Promise<readonly string[]>;
}
