import type { MatrixMessage } from '../events.ts';
import type { Doc } from '../format/doc.ts';
import type { MatrixUserId, PortalId, RoomId, SlackUserId, TeamId } from '../ids.ts';
import type { Broadcast } from '../portal/broadcast.ts';
import type { ChatDesk } from '../portal/chats/chat-desk.ts';
import type { Linking } from '../portal/link.ts';
import type { MatrixPort, PermissionOf, Portal, PortalStore, SlackPort } from '../portal/ports.ts';
import type { AuditDesk } from './audit-ports.ts';
import type { Consent } from './consent.ts';
import type { DeadLetterDesk } from './dead-letter-ports.ts';
import type { PeopleDesk } from './people-ports.ts';

/** What the commands work with; built once, by the composition root. */
export interface AdminContext {
  readonly portals: Pick<PortalStore, 'all' | 'byId' | 'byRoom' | 'byChannel'>;
  readonly matrix: Pick<
    MatrixPort,
    | 'bot'
    | 'send'
    | 'powerOf'
    | 'powerNeeded'
    | 'joinedMembers'
    | 'createRoom'
    | 'leave'
    | 'chatWith'
    | 'encrypts'
    | 'authorOf'
    | 'invite'
    | 'isOurs'
    | 'join'
    | 'member'
    | 'resolveAlias'
    | 'rights'
    | 'state'
  >;
  readonly slack: Pick<
    SlackPort,
    | 'teams'
    | 'team'
    | 'findChannels'
    | 'listChannels'
    | 'channel'
    | 'privateChannels'
    | 'findPeople'
    | 'inviteMember'
    | 'join'
    | 'leave'
    | 'profile'
    | 'members'
  >;
  readonly linking: Linking;
  readonly consent: Consent;
  readonly broadcast: Broadcast;
  readonly chats: ChatDesk;
  readonly queue: QueueView;
  readonly deadLetters: DeadLetterDesk;
  readonly people: PeopleDesk;
  readonly audit: AuditDesk;
  readonly installs: InstallDesk;
  readonly matching: Matching;
  readonly encryption: EncryptionDesk;
  readonly homeserver: () => NetworkState;
  readonly workspaces: () => readonly (NetworkState & { readonly team: TeamId; readonly name: string })[];
  /** So many portals wait until both sides are compared: the database was restored from a backup. */
  readonly restored: () => number;
  readonly permissionOf: PermissionOf;
  /** Who may do what, as the configuration says, defaults included. */
  readonly permissionTable: PermissionTable;
  /** Compares what a channel and its room show of themselves, and who is there, soon. */
  readonly look: (portal: Portal) => Promise<void>;
  /** A tree as plain text. */
  readonly textOf: (doc: Doc) => string;
  /** What a message says as a command: mentions in it are ids. */
  readonly wordsOf: (message: MatrixMessage) => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface PermissionTable {
  readonly matrix: Readonly<Record<string, string>>;
  readonly slack: Readonly<Record<string, string>>;
}

export interface EncryptionDesk {
  /** Whether a new room for a channel is encrypted from its first message on. */
  begins(isPrivate: boolean): boolean;
  /** In words: what it protects in a linked room, and what it doesn’t. */
  readonly worth: string;
  /** Undefined: it is off. */
  state(): EncryptionState | undefined;
}

/** How encryption fares in this process. */
export interface EncryptionState {
  /** Whether this process has the devices; else another one, whose state isn’t known here. */
  readonly leads: boolean;
  /** What keeps it from working, and what to do. */
  readonly trouble?: string;
  readonly device?: {
    readonly id: string;
    readonly signed: boolean;
    readonly fingerprint: string;
    readonly oneTimeKeys: number;
    readonly synced?: Date;
  };
  readonly openMachines: number;
  readonly missingKeys: number;
  readonly undecryptable: readonly {
    readonly room: RoomId;
    readonly reason: string;
    readonly count: number;
  }[];
}

/** Installing the app in workspaces. */
export interface InstallDesk {
  /** Why it can’t be installed by a link, for administrators; absent: it can. */
  obstacle(): string | undefined;
  /** The address of a page on which this administrator installs it; good for ten minutes, for them alone. */
  link(admin: MatrixUserId): Promise<string>;
}

/** Somebody in Slack. */
export interface SlackAccount {
  readonly team: TeamId;
  readonly slackUser: SlackUserId;
}

/** Whether people are told of accounts in Slack that have their address. */
export interface Matching {
  readonly mode: 'off' | 'suggest' | 'mentions';
  isWanted(person: MatrixUserId | SlackAccount): boolean;
  choose(person: MatrixUserId | SlackAccount, wanted: boolean): Promise<void>;
}

/** What waits, for `status`. */
export interface QueueView {
  /** Of one portal, or of the whole bridge. */
  depth(portal?: PortalId): Promise<QueueDepth>;
}

export interface QueueDepth {
  readonly toMatrix: Waiting;
  readonly toSlack: Waiting;
  /** Set aside until the message is there that they belong to. */
  readonly parked: number;
  /** Given up, kept for people to look at. */
  readonly dead: number;
}

export interface Waiting {
  readonly items: number;
  /** When the oldest of them came, milliseconds since 1970. */
  readonly oldest?: number;
}

export interface NetworkState {
  readonly ok: boolean;
  /** Why not, for people. */
  readonly reason?: string;
}
