import type { Doc } from './format/doc.ts';
import type {
  AppId,
  AuthorId,
  BotId,
  ChannelId,
  EventId,
  FileId,
  MatrixUserId,
  MxcUri,
  RoomId,
  SlackUserId,
  TeamId,
  Ts,
} from './ids.ts';

/**
 * What happened, in our words. `slack/inbound` and `matrix/inbound` make these of payloads; nothing else reads payloads.
 * Absent means "not said"; an empty string never stands for absent.
 */

/** Where something happened in Slack. `team` is the workspace whose app was told. */
export interface SlackPlace {
  readonly team: TeamId;
  readonly channel: ChannelId;
}

/**
 * The author of a Slack message. `name` and `picture` (an address) are what the post itself says, if anything; `icon` is
 * Slack's name of an emoji that stands in place of a picture.
 */
export type SlackAuthor =
  | { readonly type: 'user'; readonly id: SlackUserId; readonly team?: TeamId }
  | {
      readonly type: 'bot';
      readonly id: BotId;
      readonly name?: string;
      readonly picture?: string;
      readonly icon?: string;
    };

/** A file as a message shows it. Its words are as people wrote them: whoever shows them cleans them. */
export interface SlackFile {
  readonly id: FileId;
  readonly name: string;
  /** What people call it, where that isn't its name. */
  readonly title?: string;
  /** Bytes, where Slack says. */
  readonly size?: number;
  readonly mimetype?: string;
  /** Where people see it: its page in Slack, for people with an account there; of a file of another service that one's. */
  readonly permalink?: string;
  /** Where its bytes are, for who has the token; absent: there is nothing to fetch. */
  readonly url?: string;
  /**
   * `file`: bytes. `page`: a canvas, list, post or e-mail, which people read in Slack. `elsewhere`: a file of another service.
   * `hidden`: the workspace's plan doesn't show it any more. `unknown`: Slack has to be asked (`SlackPort.fileInfo`).
   */
  readonly nature: 'file' | 'page' | 'elsewhere' | 'hidden' | 'unknown';
  /** Pixels, as it is shown. */
  readonly width?: number;
  readonly height?: number;
  /** Milliseconds. */
  readonly duration?: number;
  /** Somebody's voice, recorded in Slack. */
  readonly voice?: true;
  /** How loud a voice is, from its beginning to its end: at most 100 levels from 0 to 100. */
  readonly waveform?: readonly number[];
  /** Slack's own smaller picture of it. */
  readonly thumbnail?: { readonly url: string; readonly width: number; readonly height: number };
  /** What a picture shows, in words. */
  readonly altText?: string;
  /** Text that was written in Slack; `whole`: all of it is here. */
  readonly snippet?: { readonly language?: string; readonly text: string; readonly whole: boolean };
  /** What an e-mail says, and who sent it. */
  readonly mail?: { readonly from?: string; readonly text?: string };
  /** Whose service has a file of elsewhere, by its name. */
  readonly service?: string;
}

/** The body of a Slack message, as it stands after its last change. */
export interface SlackMessage extends SlackPlace {
  readonly ts: Ts;
  /** The root of the thread, when the message is a reply; absent for a root. */
  readonly threadTs?: Ts;
  readonly author: SlackAuthor;
  readonly text: Doc;
  /** The text without what is attached to it; absent where nothing is. */
  readonly ownText?: Doc;
  /** `/me`. */
  readonly emote: boolean;
  /** "Also send to channel". */
  readonly broadcast: boolean;
  readonly files: readonly SlackFile[];
  /** Files of it that were deleted; absent where none was. */
  readonly gone?: readonly FileId[];
  /** The app that posted it, when one did. */
  readonly app?: AppId;
  /** The opaque key that we put into the metadata of our own posts. */
  readonly opKey?: string;
  /** When it was edited last: to the second, or where an event told the edit, as exactly as that said. */
  readonly editTs?: Ts;
  /** Of what it says since then; see `Edited`. */
  readonly editHash?: string;
}

/** How something written came to be known. */
export interface Telling {
  /** No event told it, the channel's history did: that doesn't say whether the channel is private. */
  readonly late?: true;
  /** Slack said that the channel is private. */
  readonly inPrivate?: true;
}

export type SlackEvent =
  | ({ readonly type: 'message' } & Telling & SlackMessage)
  /**
   * `message` is the whole message after the edit. An unfurl is no edit: it has no new `editTs`. `only`: files came or went,
   * and nothing was edited; its text may be older than the one that is known.
   */
  | ({
      readonly type: 'edit';
      readonly ts: Ts;
      readonly message: SlackMessage;
      readonly only?: 'files';
      /** History told it, and no other edit was made in its second after it. */
      readonly isLast?: true;
      /** The bridge made it. */
      readonly isOwn?: true;
    } & Telling &
      SlackPlace)
  | ({ readonly type: 'delete'; readonly ts: Ts } & SlackPlace)
  | ({
      readonly type: 'reaction';
      readonly change: 'added' | 'removed';
      readonly ts: Ts;
      readonly user: SlackUserId;
      /** Slack's name of the emoji, with a skin tone (`wave::skin-tone-3`) if it has one. */
      readonly name: string;
    } & SlackPlace)
  | { readonly type: 'profile'; readonly team: TeamId; readonly profile: SlackProfile }
  /** A usergroup of the workspace was made, or has another name. */
  | { readonly type: 'usergroups'; readonly team: TeamId }
  /** The bot was put into, or taken out of, a channel; or the channel was archived or brought back. */
  | ({ readonly type: 'channel'; readonly change: ChannelChange } & SlackPlace)
  /** The channel has another id from now on. */
  | ({ readonly type: 'channel'; readonly change: 'moved'; readonly to: ChannelId } & SlackPlace)
  /** The channel's topic, purpose or name was changed; how it is now has to be asked. */
  | ({
      readonly type: 'shown';
      readonly what: 'topic' | 'name';
      readonly by?: SlackUserId;
      /** The name that they gave it. */
      readonly name?: string;
    } & SlackPlace)
  | ({
      readonly type: 'pin';
      readonly change: 'added' | 'removed';
      readonly ts: Ts;
      readonly by?: SlackUserId;
    } & SlackPlace)
  /** Somebody came into the channel, or is in it no more. */
  | ({
      readonly type: 'member';
      readonly change: 'joined' | 'left';
      readonly user: SlackUserId;
    } & SlackPlace)
  /** No event told it: who is in the channel may have changed. */
  | ({ readonly type: 'members' } & SlackPlace)
  /** No event told it, the channel was looked at. */
  | ({ readonly type: 'look'; readonly pins?: PinsRead } & SlackPlace)
  | {
      readonly type: 'team';
      readonly team: TeamId;
      readonly change: 'uninstalled' | 'tokens-revoked' | 'rate-limited';
    }
  /** Linked people's own tokens may be good for nothing any more. */
  | { readonly type: 'logins-revoked'; readonly team: TeamId; readonly users: readonly SlackUserId[] }
  /** The workspace's own emoji changed. */
  | { readonly type: 'emoji'; readonly team: TeamId; readonly change: EmojiChange }
  /** Nothing to bridge; `reason` is a constant for logs and metrics. */
  | { readonly type: 'ignored'; readonly reason: string };

/** `value` is the address of a picture, or `alias:` and the name of another emoji. `unknown`: the list says what it is now. */
export type EmojiChange =
  | { readonly type: 'added'; readonly name: string; readonly value: string }
  | { readonly type: 'removed'; readonly names: readonly string[] }
  | { readonly type: 'renamed'; readonly from: string; readonly to: string; readonly value: string }
  | { readonly type: 'unknown' };

/** What was pinned in a channel, in the order of pinning, and when that was asked (milliseconds by the store's clock). */
export interface PinsRead {
  readonly pinned: readonly Ts[];
  readonly at: number;
}

/** `converted`: it became private, or public. */
export type ChannelChange =
  'archived' | 'unarchived' | 'bot-joined' | 'bot-left' | 'converted' | 'deleted' | 'renamed';

/** A Slack user or bot as others see them. */
export interface SlackProfile {
  readonly team: TeamId;
  readonly id: AuthorId;
  /** Display name, else real name, else user name. Never empty. */
  readonly name: string;
  /** Cleaned; absent where there is none. */
  readonly realName?: string;
  /** The address of the largest square picture; absent where there is none. */
  readonly picture?: string;
  readonly bot: boolean;
  readonly deactivated: boolean;
  /** An app that is called like a person of the workspace. */
  readonly namesake?: true;
  /** Slack's user name. */
  readonly username?: string;
  /** The workspace of somebody of another organisation. */
  readonly home?: TeamId;
  /** What that organisation is called, for people. */
  readonly organisation?: string;
  readonly title?: string;
  readonly pronouns?: string;
  /** Of the tz database, e.g. `Europe/London`. */
  readonly timezone?: string;
  /** What they say of themselves now; `emoji` is Unicode. */
  readonly status?: { readonly emoji?: string; readonly text?: string };
}

/** What a Matrix message points at. */
export interface MatrixRelation {
  /** The root of the thread. */
  readonly thread?: EventId;
  /** The message that is answered; never the fallback that clients add inside a thread. */
  readonly replyTo?: EventId;
}

/** A file that somebody sent. What is said of it is the sender's claim. */
export interface MatrixFile {
  readonly kind: 'image' | 'video' | 'audio' | 'voice' | 'file' | 'sticker';
  /** As the sender wrote it: clean it where it is shown. Never empty. */
  readonly name: string;
  /** Where its bytes are; absent where the event doesn't say, or they are enciphered in a way that nobody knows. */
  readonly url?: MxcUri;
  /** How the bytes at `url` are to be deciphered; absent where they are the file itself. */
  readonly cipher?: MatrixCipher;
  /** Bytes, where the sender says. */
  readonly size?: number;
  readonly mimetype?: string;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Milliseconds. */
  readonly duration?: number;
  /** What is to be seen, for those who can't see it. */
  readonly altText?: string;
}

/**
 * AES-256 in counter mode, of a file in an encrypted room.
 * @see https://spec.matrix.org/latest/client-server-api/#sending-encrypted-attachments
 */
export interface MatrixCipher {
  /** 32 bytes, in unpadded base64url. */
  readonly key: string;
  /** 16 bytes, in base64. */
  readonly iv: string;
  /** SHA-256 of the enciphered bytes, in base64. */
  readonly sha256: string;
}

/** A question with answers to choose from. */
export interface MatrixPoll {
  readonly question: string;
  /** At most 20, each with its own id. */
  readonly answers: readonly { readonly id: string; readonly text: string }[];
  /** How many answers one person may choose. */
  readonly mostChoices: number;
  /** Whether the votes are shown before the poll ends. */
  readonly disclosed: boolean;
}

/** Where and by whom in Matrix. `at` is what the sender's server says, in milliseconds: never used for order, but among edits of one message. */
export interface MatrixPlace {
  readonly event: EventId;
  readonly room: RoomId;
  readonly sender: MatrixUserId;
  readonly at: number;
  /** How old it was when the homeserver sent or showed it, in milliseconds by that server's clock; absent where it doesn't say. */
  readonly age?: number;
}

/** What a reaction shows: characters, or the mxc address of a picture and maybe its name, without colons. */
export interface MatrixReaction {
  readonly key: string;
  readonly shortcode?: string;
}

export type MatrixMessageKind = 'text' | 'emote' | 'notice' | 'file';

export interface MatrixMessage extends MatrixPlace {
  readonly kind: MatrixMessageKind;
  /** Who says it by its own account: another bridge's or a bot's message may name somebody. Never empty, not checked by anybody. */
  readonly speaker?: { readonly name: string; readonly picture?: MxcUri };
  /** The text without the speaker's name before it, or a file's caption (empty without one). */
  readonly text: Doc;
  /** In their order; absent where there are none. */
  readonly files?: readonly MatrixFile[];
  readonly poll?: MatrixPoll;
  readonly relation: MatrixRelation;
  /** `m.mentions.room`: the sender wants to reach everybody. Whether they may is another question. */
  readonly mentionsRoom: boolean;
  /** What the message says without its markup, for commands. */
  readonly plain: string;
}

export type MatrixEvent =
  | ({ readonly type: 'message' } & MatrixMessage)
  | ({ readonly type: 'edit'; readonly target: EventId; readonly message: MatrixMessage } & MatrixPlace)
  | ({ readonly type: 'redaction'; readonly target: EventId } & MatrixPlace)
  | ({ readonly type: 'reaction'; readonly target: EventId } & MatrixReaction & MatrixPlace)
  /** It is encrypted, and wasn't opened: nobody knows what it is. `target`: what it changes, or belongs to. */
  | ({
      readonly type: 'encrypted';
      readonly relation: MatrixRelation;
      readonly target?: EventId;
    } & MatrixPlace)
  /** A vote in a poll, or its end: `target` is the poll. */
  | ({ readonly type: 'poll-change'; readonly target: EventId } & MatrixPlace)
  | ({
      readonly type: 'member';
      readonly user: MatrixUserId;
      readonly membership: 'invite' | 'join' | 'leave' | 'ban' | 'knock';
      /** What it was before, where the homeserver says it. */
      readonly before?: string;
      /** An invite to a direct chat. */
      readonly direct: boolean;
    } & MatrixPlace)
  /** Another state event that portals look at: power levels, names, bridges' own marks, a tombstone. */
  | ({
      readonly type: 'state';
      readonly kind: string;
      readonly stateKey: string;
      readonly content: Readonly<Record<string, unknown>>;
    } & MatrixPlace)
  | { readonly type: 'ignored'; readonly reason: string };
