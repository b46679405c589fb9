import type { MatrixMessage } from '../events.ts';
import type { EventId, MatrixUserId, MxcUri, PortalId, RoomId, SlackUserId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { LetterNotices, LetterRetries } from './dead-letter-ports.ts';
import type { SlackNotices } from './notice-ports.ts';
import type { ObstacleKind } from './obstacle-kind.ts';
import type { Pauses } from './pauses.ts';
import type {
  AccountChoices,
  AuditLog,
  ChatStore,
  EncryptionDefaults,
  FilePort,
  LinkStore,
  MatchDirectory,
  MatrixPort,
  PermissionOf,
  PictureLink,
  Portal,
  PortalStore,
  PuppetDirectory,
  ReaderStore,
  ShownStore,
  SlackPort,
} from './ports.ts';
import type { PortalTurn } from './turn.ts';

/** All that the portals work with; built once, by the composition root. */
export interface PortalContext {
  readonly portals: PortalStore;
  readonly puppets: PuppetDirectory;
  readonly chats: ChatStore;
  readonly readers: ReaderStore;
  readonly accounts: AccountChoices;
  readonly links: LinkStore;
  readonly shown: ShownStore;
  readonly matrix: MatrixPort;
  readonly slack: SlackPort;
  readonly files: FilePort;
  readonly notices: SlackNotices;
  readonly letters: LetterNotices;
  readonly retries: LetterRetries;
  readonly audit: AuditLog;
  readonly permissionOf: PermissionOf;
  readonly pictureLink: PictureLink;
  /** The opaque key in the metadata of a post: HMAC(bridge id, event, piece), the same after a restore. */
  readonly opKey: (event: EventId, piece: number) => string;
  readonly log: Logger;
  readonly metrics: PortalMetrics;
  readonly clock: Clock;
  readonly pauses: Pauses;
  readonly matches: MatchDirectory;
  /** Absent: encryption is off altogether. */
  readonly encryption?: EncryptionDefaults;
  /** The people of channels of so many, or fewer, are all in their rooms, unless the room's own policy says otherwise. */
  readonly membersUpTo: number;
}

/** Milliseconds since 1970, and waiting. */
export interface Clock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export type Side = 'slack' | 'matrix';

export type BridgedKind =
  'message' | 'edit' | 'delete' | 'reaction' | 'reaction-removed' | 'topic' | 'name' | 'pin' | 'pin-removed';

/** Counters. `from` is where it was written, `kind` and `reason` are constants. */
export interface PortalMetrics {
  bridged(from: Side, kind: BridgedKind): void;
  /** Nothing to do, by the nature of the event or by policy. */
  ignored(from: Side, reason: string): void;
  failed(from: Side, reason: string): void;
  /** How a post without a clear answer was settled; `doubled`: it was there twice, and the younger one was removed. */
  uncertainPost(outcome: 'found' | 'posted_again' | 'doubled'): void;
}

/** The bot's commands, as rooms hand them in. */
export interface CommandPort {
  /** Whether a text in a room is for the bot rather than for the people in it. */
  isCommand(plain: string): boolean;
  /** Carries it out and answers in the room. In a direct chat the prefix may be missing. */
  run(message: MatrixMessage, place: CommandPlace): Promise<void>;
  /** Tells the person who invited the bot what it can do. Repeats safely for the same event. */
  greet(invitation: Invitation): Promise<void>;
}

/** A room, or a chat of one person and the bot alone. */
export type CommandPlace = 'room' | 'direct';

export interface Invitation {
  readonly room: RoomId;
  readonly asker: MatrixUserId;
  readonly event: EventId;
  readonly place: CommandPlace;
}

/** What the process remembers between items; losing it costs time, never a message. */
export interface PortalMemory {
  /** When a post's answer was found to be unknown, by the post's key. */
  readonly uncertainSince: Map<string, number>;
  /** When a paused portal was last examined, and what was found to be in the way. */
  readonly examined: Map<PortalId, Examined>;
  /** Apps whose first message in a portal was looked at: `<portal> <bot>`. */
  readonly seenApps: Set<string>;
  /** Of polls whose votes were shown lately: the votes and ends that were counted. */
  readonly countedVotes: Map<EventId, ReadonlySet<string>>;
  /** Portals whose channel is private, as far as its last message said, and whose room isn't open. */
  readonly knownPrivate: Set<PortalId>;
  /** Up to when what history told was stored (milliseconds) that surely was of a public channel, or goes to no open room. */
  readonly lateUpTo: Map<PortalId, number>;
  /** What people of a room were told of that Slack doesn't take: `<portal> <what> <why>`. */
  readonly toldRefusals: Set<string>;
  /** Reactions of people that were redacted in Matrix lately: that they go from Slack is no news. */
  readonly takenBack: Set<EventId>;
  /** Until when linked people count as no members of a channel: `<portal> <Slack user>`, in milliseconds since 1970. */
  readonly outsiders: Map<string, number>;
  /** The picture that each portal's room was last given, as far as people let it have one. */
  readonly shownPictures: Map<PortalId, MxcUri>;
  /** The channel's name when its room last had the alias that it should have; empty of a private one. */
  readonly shownAliases: Map<PortalId, string>;
  /** Who has, or lately had, an own account through which we write: `<team> <author>`. */
  readonly doubles: Set<string>;
  /** Whose ghost left a room since they write there themselves: `<portal> <author>`. */
  readonly ghostsSentHome: Set<string>;
  /** By item under way: who is in the channel. */
  readonly peopleRead: Map<number, ReadonlySet<SlackUserId>>;
  /** People who don't come into the room by an item under way: `<item> <user>`. */
  readonly notShown: Set<string>;
  /** By item under way: messages that Slack didn't let it pin or unpin; `pin` or `unpin` where it lets none. */
  readonly refusedPins: Map<number, Set<string>>;
}

interface Examined {
  readonly at: number;
  readonly kind: ObstacleKind;
  /** Why the portal was paused at that time. */
  readonly because: string | undefined;
}

export function emptyMemory(): PortalMemory {
  return {
    uncertainSince: new Map(),
    examined: new Map(),
    seenApps: new Set(),
    countedVotes: new Map(),
    toldRefusals: new Set(),
    takenBack: new Set(),
    outsiders: new Map(),
    doubles: new Set(),
    ghostsSentHome: new Set(),
    refusedPins: new Map(),
    peopleRead: new Map(),
    notShown: new Set(),
    shownPictures: new Map(),
    shownAliases: new Map(),
    knownPrivate: new Set(),
    lateUpTo: new Map(),
  };
}

/** One item on its way through one portal. */
export interface Work {
  readonly context: PortalContext;
  readonly memory: PortalMemory;
  readonly portal: Portal;
  readonly turn: PortalTurn;
}
