/** What the portals ask of Slack. See `ports.ts` for what writes may throw. */
import type { EmojiChange, SlackFile, SlackMessage, SlackPlace, SlackProfile } from '../../events.ts';
import type { Doc } from '../../format/doc.ts';
import type { AuthorId, ChannelId, FileId, SlackUserId, TeamId, Ts, UsergroupId } from '../../ids.ts';
import type { PortalChannel, PortalKind } from './portals.ts';

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
  /** Permissions that its app lacks and without which the bridge does less, each with what goes missing, for people. */
  readonly lacks?: readonly string[];
}

export interface SlackChannel extends PortalChannel {
  readonly private: boolean;
  readonly archived: boolean;
  /** The bot is a member; of one that is read through people, one of these. */
  readonly member: boolean;
  readonly topic?: Doc;
  /** What Slack calls the channel's description. */
  readonly purpose?: Doc;
  /** Who wrote these two as they stand. */
  readonly topicBy?: readonly SlackUserId[];
  readonly memberCount?: number;
  /** Who made it. */
  readonly creator?: SlackUserId;
}

/**
 * What somebody is in a workspace. An owner is an admin, too; a guest (single-channel or multi-channel) sees some channels only; a
 * stranger is of another organisation, and there by channels that both share (Slack Connect).
 */
export type SlackRole = 'owner' | 'admin' | 'member' | 'guest' | 'stranger';

export interface SlackStanding {
  readonly role: SlackRole;
  /** What Slack calls them. */
  readonly name: string;
}

/** A conversation as one of its people sees it. */
export interface SlackChat {
  readonly kind: PortalKind;
  /** Of a channel; chats have none. */
  readonly name?: string;
  /** All of a chat's people, the one who was asked as whom too; some of a channel's. */
  readonly members: readonly SlackUserId[];
}

/** A link that people put at the head of a channel. */
export interface Bookmark {
  readonly title: string;
  readonly url: string;
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
  /** As this linked person, by their own token; then `as` is absent. */
  readonly by?: SlackUserId;
  readonly threadTs?: Ts;
  /** Of a reply that is changed: it is shown in the channel, too, from now on. */
  readonly broadcast?: true;
  readonly opKey: string;
  /** Of a change: different for each, so that Slack's telling of it is known as ours. */
  readonly editKey?: string;
}

/** A file for Slack. */
export interface OutgoingFile {
  readonly name: string;
  /** Bytes: exactly as many as `body` has. */
  readonly length: number;
  /** Read once. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** What a picture shows, for people who can't see it. */
  readonly altText?: string;
}

/** Files that are in Slack already, on their way into a channel. */
export interface OutgoingShare {
  /** In their order; at least one, at most ten. */
  readonly files: readonly SharedFile[];
  /** What stands above them, as in a post; absent: nothing. */
  readonly text?: Doc;
  /** Absent: as the bot itself. */
  readonly as?: RelayIdentity;
  /** As this linked person, who staged the files; then `as` is absent. */
  readonly by?: SlackUserId;
  readonly threadTs?: Ts;
}

/** `background`: nobody waits for it. `by`: whose message it is, where that isn't the bot's. */
export interface ChangeOptions {
  readonly background?: boolean;
  readonly by?: SlackUserId;
}

export interface SharedFile {
  readonly id: FileId;
  /** What people see of its name; absent: its name. */
  readonly title?: string;
}

/** What stands behind the name of a workspace's own emoji: the address of a picture, or the standard one that it names. */
export type OwnEmoji = { readonly picture: string } | { readonly unicode: string };

/**
 * What the portals ask of Slack. `by` is the linked person whose own token it is done with; absent: the team's bot does it.
 * Where that token can't be used (any more), or lacks a permission, the person is told and the call throws `TryLater`: by
 * then the directory of puppets knows.
 */
export interface SlackPort {
  teams(): readonly SlackTeam[];
  team(team: TeamId): SlackTeam | undefined;
  /** The address of a message for people with an account there. */
  permalink(place: SlackPlace, ts: Ts, threadTs?: Ts): string;
  /** True when the author is the bot of one of our teams' apps, or the app is ours. */
  isOurs(message: Pick<SlackMessage, 'author' | 'app'>): boolean;
  /** What Slack will tell that this post says. */
  shownText(post: Pick<OutgoingPost, 'text' | 'emote'>): Doc;
  /** Splits a text so that each part fits one Slack message. At least one. */
  pieces(text: Doc): readonly Doc[];
  post(place: SlackPlace, post: OutgoingPost): Promise<Ts>;
  /** The `by` of the post is that of who wrote it. */
  update(place: SlackPlace, ts: Ts, post: OutgoingPost, how?: ChangeOptions): Promise<void>;
  /** Already gone is success. */
  remove(place: SlackPlace, ts: Ts, how?: ChangeOptions): Promise<void>;
  /**
   * Brings a file to Slack, where nobody sees it before it is shared. May be repeated: Slack forgets what isn't. Throws
   * what `body` throws where that is a `CannotBridge` or `TryLater`.
   */
  stage(team: TeamId, file: OutgoingFile, by?: SlackUserId): Promise<FileId>;
  /**
   * Posts staged files in a message of their own, once. Slack doesn't say where: `findByOpKey` does, by the `file:F…` of
   * any of them.
   */
  share(place: SlackPlace, share: OutgoingShare): Promise<void>;
  /** Deletes a file of ours, in all messages that show it. Already gone is success. */
  removeFile(team: TeamId, file: FileId, by?: SlackUserId): Promise<void>;
  /** Already there is success. */
  react(place: SlackPlace, ts: Ts, name: string, by?: SlackUserId): Promise<void>;
  /** Already gone is success. */
  unreact(place: SlackPlace, ts: Ts, name: string, by?: SlackUserId): Promise<void>;
  /**
   * Posts of ours with this key that were made in this time (milliseconds), oldest first, from history and, with
   * `threadTs`, replies. The key of a shared file is `file:F…`.
   */
  findByOpKey(
    place: SlackPlace,
    opKey: string,
    made: { readonly since: number; readonly until: number },
    threadTs?: Ts,
  ): Promise<readonly Ts[]>;
  /** One message as it stands now; `undefined` when it isn't there any more. */
  message(place: SlackPlace, ts: Ts, threadTs?: Ts): Promise<SlackMessage | undefined>;
  /** A file as Slack shows it to us now, for one of which a message tells too little. */
  fileInfo(place: SlackPlace, file: FileId): Promise<SlackFile>;
  /** `background`: nobody waits for it. */
  profile(team: TeamId, author: AuthorId, how?: { readonly background?: boolean }): Promise<SlackProfile>;
  /** As Slack tells it now, or told it less than a minute ago. */
  standing(team: TeamId, user: SlackUserId): Promise<SlackStanding>;
  /** Whether somebody is in a usergroup, as of less than a minute ago; not where Slack doesn't say. */
  isInUsergroup(team: TeamId, usergroup: UsergroupId, user: SlackUserId): Promise<boolean>;
  /** Slack told us of a change. Resolves with all that is known of the person. */
  profileChanged(profile: SlackProfile): Promise<SlackProfile>;
  /** Whether a person that the bridge met in this workspace has this name, or one that looks like it. Asks nobody. */
  isNameOfPerson(team: TeamId, name: string): boolean;
  /** Whether a person or an app of the workspace, or Slack itself, has this name, or one that looks like it. Asks nobody. */
  isNameTaken(team: TeamId, name: string): boolean;
  /** What people write after the `@` to mean the usergroup; undefined where Slack doesn't say. */
  usergroup(team: TeamId, usergroup: UsergroupId): Promise<string | undefined>;
  /** Slack told us of a change. */
  usergroupsChanged(team: TeamId): void;
  /** The address of the picture that the workspace chose for itself; undefined where it has none, or doesn't say. */
  teamPicture(team: TeamId): Promise<string | undefined>;
  /** Of the workspace's own emoji those with these names; what it doesn't have, or won't tell, is absent. */
  ownEmoji(team: TeamId, names: readonly string[]): Promise<ReadonlyMap<string, OwnEmoji>>;
  /** The workspace's name for an emoji whose picture stands at one of these addresses. */
  emojiOfPicture(team: TeamId, addresses: readonly string[]): Promise<string | undefined>;
  /** Slack told us of a change. */
  emojiChanged(team: TeamId, change: EmojiChange): Promise<void>;
  channel(team: TeamId, channel: ChannelId): Promise<SlackChannel | undefined>;
  /** Slack told us of a change: what is remembered of the channel is asked for again. */
  channelChanged(place: SlackPlace): void;
  /** It may have changed: it is asked for again, while what was read of all channels stays. */
  forgetChannel(place: SlackPlace): void;
  /** By id, `#name` or name, in one team or in all; several when a name stands in several teams. */
  findChannels(query: string, team?: TeamId): Promise<readonly SlackChannel[]>;
  /** Channels that the bot could bridge: those it is in, and public ones. */
  listChannels(team: TeamId): Promise<readonly SlackChannel[]>;
  join(place: SlackPlace): Promise<void>;
  /** The bot goes. Not there is success. */
  leave(place: SlackPlace): Promise<void>;
  /** Who is in the channel, apps among them, read in the background; undefined: more than `most`. */
  members(place: SlackPlace, most: number): Promise<readonly SlackUserId[] | undefined>;
  /** Resolves with whether they weren't in the channel before. `by`: as in `post`. */
  inviteMember(place: SlackPlace, user: SlackUserId, by?: SlackUserId): Promise<boolean>;
  /** Resolves with whether they were in the channel before. */
  removeMember(place: SlackPlace, user: SlackUserId, by?: SlackUserId): Promise<boolean>;
  /** Those that are links, in their order. */
  bookmarks(place: SlackPlace): Promise<readonly Bookmark[]>;
  /** `topic` is text without markup of at most 250 characters. Resolves with the topic as Slack shows it now. */
  setTopic(place: SlackPlace, topic: string, by?: SlackUserId): Promise<Doc>;
  /** Slack lets an app do that to few channels. */
  rename(place: SlackPlace, name: string, by?: SlackUserId): Promise<void>;
  /** Already there is success. */
  pin(place: SlackPlace, ts: Ts, by?: SlackUserId): Promise<void>;
  /** Already gone is success. */
  unpin(place: SlackPlace, ts: Ts, by?: SlackUserId): Promise<void>;
  /** The person has read the channel up to this message; one who has read more is left alone. Nobody waits for it. */
  markRead(place: SlackPlace, ts: Ts, by: SlackUserId): Promise<void>;
  /** The chat of this person with one other, or with several; made where there is none yet. */
  openChat(team: TeamId, users: readonly SlackUserId[], by: SlackUserId): Promise<ChannelId>;
  /** A conversation as this linked person sees it; `undefined` where Slack doesn't show it to them. */
  chat(place: SlackPlace, by: SlackUserId): Promise<SlackChat | undefined>;
  /** The private channels that this linked person is in. */
  privateChannels(team: TeamId, by: SlackUserId): Promise<readonly SlackChannel[]>;
  /** People of a workspace by `@name`, name, address or id: all who fit. */
  findPeople(team: TeamId, query: string): Promise<readonly SlackProfile[]>;
  /** Names of other apps that look like bridges and posted here lately. */
  otherBridges(place: SlackPlace): Promise<readonly string[]>;
}
