import type { AppFeatures } from './interactivity/model.ts';

/**
 * What the sandbox's world consists of. Everything lives in memory; `persistence.ts` writes it to a folder.
 * Fields are named in our words; `shapes/` turns them into what Slack sends.
 */

export interface Team {
  readonly id: string;
  name: string;
  domain: string;
  readonly created: number;
  /** The organisation that it belongs to, if any. */
  organisation?: Organisation;
  /** What its own picture is made of; absent: it has Slack's for all. */
  icon?: string;
  /** Custom emoji: name to picture URL or `alias:other`. */
  readonly emoji: Map<string, string>;
  readonly usergroups: Map<string, Usergroup>;
}

/** One of several workspaces (Enterprise Grid). */
export interface Organisation {
  /** `E…` */
  readonly id: string;
  readonly name: string;
}

export interface Usergroup {
  readonly id: string;
  handle: string;
  name: string;
  users: string[];
}

export type Transport = 'socket' | 'http' | 'none';

/**
 * An app in one team, with the secrets that its developer would see on Slack's pages. A distributed app has one such entry
 * for each team, with the same id, secrets and settings.
 */
export interface App {
  readonly id: string;
  readonly teamId: string;
  name: string;
  readonly botId: string;
  readonly botUserId: string;
  botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where people may be sent back to after they allowed the app: these addresses, and what lies below them. */
  redirectUrls: string[];
  readonly verificationToken: string;
  scopes: string[];
  transport: Transport;
  /** Where events go when `transport` is `http`. */
  requestUrl: string | undefined;
  /** Event types that the app has subscribed to; `undefined`: all of them. */
  subscriptions: string[] | undefined;
  /** Event types that it has subscribed to on behalf of people. */
  userSubscriptions: string[];
  /** Tokens expire after so many seconds and are had anew for a refresh token; `undefined`: they last. */
  tokenLifeSeconds: number | undefined;
  /** What it offers people besides its bot. */
  features: AppFeatures;
  installed: boolean;
  /** It was installed for this organisation, which lets it into this team among others: they share bot and token. */
  organisation?: string;
  /** People of other workspaces than its own may install it. */
  distributed: boolean;
  iconUrl: string | undefined;
}

export type TokenKind = 'bot' | 'app' | 'user';

export interface Token {
  readonly value: string;
  readonly kind: TokenKind;
  readonly teamId: string;
  readonly appId: string;
  readonly userId: string | undefined;
  /** What a person allowed; bots have their app's. */
  scopes: string[] | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number | undefined;
  /** It opens all workspaces that this organisation lets the app into; `teamId` is one of them. */
  readonly organisation?: string | undefined;
  revoked: boolean;
}

/** What a person allowed on the consent page, until the app fetches it. */
export interface Code {
  readonly value: string;
  readonly appId: string;
  readonly teamId: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly userScopes: readonly string[];
  /** For the whole organisation of the team. */
  readonly organisation?: boolean;
  /** `undefined`: the app left it to Slack. */
  readonly redirectUri: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  used: boolean;
}

/** By which a token that expires is had anew, once. */
export interface RefreshToken {
  readonly value: string;
  readonly kind: 'bot' | 'user';
  readonly appId: string;
  readonly teamId: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  /** When it was used, in milliseconds since 1970, and what for: an answer that was lost can be had again for a while. */
  used: { readonly at: number; readonly token: string; readonly refresh: string } | undefined;
  revoked: boolean;
}

export interface User {
  readonly id: string;
  readonly teamId: string;
  /** The old `@name`; unique in the team. */
  name: string;
  realName: string;
  displayName: string;
  email: string | undefined;
  title: string;
  statusText: string;
  statusEmoji: string;
  timeZone: string;
  deleted: boolean;
  /** An owner is an administrator, too, and the primary owner an owner. */
  isAdmin: boolean;
  isOwner: boolean;
  isPrimaryOwner: boolean;
  /** A guest; with `isUltraRestricted` of a single channel. */
  isRestricted: boolean;
  isUltraRestricted: boolean;
  isStranger: boolean;
  /** A changed hash is a changed picture; `undefined`: the person has none. */
  avatarHash: string | undefined;
  color: string;
  /** Set for the bot user of an app. */
  readonly bot: { readonly botId: string; readonly appId: string } | undefined;
  updated: number;
}

export type ChannelKind = 'public' | 'private' | 'im' | 'mpim';

export interface Note {
  readonly value: string;
  readonly creator: string;
  readonly lastSet: number;
}

export interface Bookmark {
  readonly id: string;
  readonly title: string;
  readonly link: string;
}

export interface Channel {
  /** Changes only when Slack moves a channel. */
  id: string;
  readonly teamId: string;
  kind: ChannelKind;
  name: string;
  readonly previousNames: string[];
  readonly created: number;
  readonly creator: string;
  archived: boolean;
  readonly general: boolean;
  topic: Note;
  purpose: Note;
  readonly members: Set<string>;
  /** What the channel's main view shows, by rising ts: everything but replies that weren't broadcast. */
  readonly timeline: Message[];
  readonly messages: Map<string, Message>;
  /** The replies under each root, by rising ts. */
  readonly threads: Map<string, Message[]>;
  readonly pins: Map<string, { readonly by: string; readonly at: number }>;
  /** In the order in which they are shown. */
  readonly bookmarks: Bookmark[];
  /** How far each person has read, as a ts. */
  readonly lastRead: Map<string, string>;
  /** The youngest ts given out in this channel, in microseconds. */
  lastMicros: number;
}

export interface Reaction {
  readonly name: string;
  readonly users: string[];
}

export interface Metadata {
  readonly event_type: string;
  readonly event_payload: Readonly<Record<string, unknown>>;
}

export interface Message {
  readonly ts: string;
  subtype: string | undefined;
  /** Absent on posts under a name of their own. */
  readonly user: string | undefined;
  readonly botId: string | undefined;
  readonly appId: string | undefined;
  readonly username: string | undefined;
  readonly icons: Readonly<Record<string, string>> | undefined;
  readonly clientMsgId: string | undefined;
  text: string;
  blocks: readonly unknown[] | undefined;
  /** Blocks were made by us from the text, so a new text makes new ones. */
  blocksFromText: boolean;
  attachments: readonly unknown[] | undefined;
  metadata: Metadata | undefined;
  files: string[];
  readonly threadTs: string | undefined;
  edited: { readonly user: string; readonly ts: string } | undefined;
  reactions: Reaction[];
  /** Fields that only some subtypes have: `topic`, `purpose`, `name`, `old_name`, `inviter`. */
  readonly details: Readonly<Record<string, string>> | undefined;
}

export type FileContent =
  | { readonly type: 'bytes'; readonly bytes: Buffer }
  /** `size` bytes that follow from `seed`: large files without the memory. */
  | { readonly type: 'pattern'; readonly seed: number }
  /** In the spool, under its name there. */
  | { readonly type: 'disk'; readonly name: string }
  /** There is nothing to fetch here. */
  | { readonly type: 'none' };

/** What whoever uploads a recording or a film says of it; nothing is decoded. Times in milliseconds. */
export interface FileMedia {
  readonly durationMs?: number | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Loudness from 0 to 100. */
  readonly waveform?: readonly number[] | undefined;
  /** Recorded in Slack itself. */
  readonly clip?: 'audio' | 'video' | undefined;
}

export interface Snippet {
  /** The first lines. */
  readonly preview: string;
  /** What `files.info` shows: all of it, or a beginning. */
  readonly text: string;
  /** How many there are in all. */
  readonly lines: number;
  /** The preview is all there is. */
  readonly whole: boolean;
}

export interface StoredFile {
  readonly id: string;
  readonly teamId: string;
  readonly user: string;
  readonly created: number;
  name: string;
  title: string;
  altText: string | undefined;
  readonly mimetype: string;
  readonly filetype: string;
  readonly pretty: string;
  /** `hosted`, `snippet`, `external`, or what kind of page it is. */
  readonly mode: string;
  readonly size: number;
  /** Of a picture. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly media: FileMedia;
  /** Of another service, or added by an app (`app`). */
  readonly external: { readonly type: string; readonly url: string } | undefined;
  readonly snippet: Snippet | undefined;
  /** From another organisation: events show its id only, and `files.info` tells the rest. */
  readonly connect: boolean;
  readonly content: FileContent;
  deleted: boolean;
  /** Where it was shared: channel and the ts of the message. */
  readonly shares: { readonly channelId: string; readonly ts: string }[];
}

/** A file on its way: an address to send it to, and what came there. Forgotten at a restart. */
export interface Upload {
  readonly id: string;
  /** The end of its address. */
  readonly secret: string;
  readonly teamId: string;
  readonly user: string;
  readonly name: string;
  readonly altText: string | undefined;
  /** Bytes that were promised, or with `exact: false` the most that are taken. */
  readonly length: number;
  readonly exact?: false;
  arrived: { readonly content: FileContent; readonly size: number; readonly head: Buffer } | undefined;
}
