import type { MatrixUserId, RoomId } from '../../ids.ts';
import type { JsonObject } from '../json.ts';

/** What encryption asks of the rest of the bridge, and what the Matrix adapter asks of encryption. Types only. */

/** The rows of the devices' crypto stores: what IndexedDB keeps, durable. */
export interface CryptoRows {
  /** Before its commits, and only in the process that leads. Undefined: there is none yet. */
  load(name: string): Promise<SavedDatabase | undefined>;
  /**
   * One transaction: resolves when it is committed. Throws `TryLater` when the lead is lost: no machine of before is used
   * again, the store that is loaded next is what was committed. Any other failure ends the process.
   */
  commit(change: DatabaseChange): Promise<void>;
  /** Forgets the databases whose names begin so. Their machines are closed. */
  remove(prefix: string): Promise<void>;
}

export interface SavedDatabase {
  readonly schema: DatabaseSchema;
  readonly rows: readonly DatabaseRow[];
}

export interface DatabaseRow {
  readonly store: string;
  readonly key: string;
  readonly value: Buffer;
}

/** What one transaction of an IndexedDB changed. */
export interface DatabaseChange {
  readonly name: string;
  /** Present when the transaction made or changed the stores. Stores that it doesn't name are gone. */
  readonly schema?: DatabaseSchema;
  readonly puts: readonly DatabaseRow[];
  readonly deletes: readonly Omit<DatabaseRow, 'value'>[];
}

/** The object stores of a database, by name. */
export interface DatabaseSchema {
  readonly version: number;
  readonly stores: Readonly<Record<string, StoreSchema>>;
}

export interface StoreSchema {
  readonly keyPath: string | readonly string[] | null;
  readonly autoIncrement: boolean;
  readonly indexes: Readonly<Record<string, IndexSchema>>;
}

export interface IndexSchema {
  readonly keyPath: string | readonly string[];
  readonly unique: boolean;
  readonly multiEntry: boolean;
}

/** What is kept beside the machines. All throw `TryLater` while the database is out of reach. */
export interface CryptoState {
  /** 32 bytes that the devices' stores are enciphered with; made once. */
  storeKey(): Promise<Buffer>;
  /** How far the device has read its `/sync`. */
  since(user: MatrixUserId, device: string): Promise<string | undefined>;
  /**
   * Once the machine has committed what came with it. `changed`: users whose device lists changed; machines that are
   * closed now hear of them when they are opened. Only in the process that leads.
   */
  saveSince(
    user: MatrixUserId,
    device: string,
    since: string,
    changed?: readonly MatrixUserId[],
  ): Promise<void>;
  /** Users whose device lists changed since this device last heard of them. */
  changedLists(user: MatrixUserId, device: string): Promise<ChangedLists>;
  /** The device's machine has committed that these lists are outdated. Only in the process that leads. */
  saveHeard(user: MatrixUserId, device: string, upTo: number): Promise<void>;
  /** What is known of a device of ours that has, or had, a crypto store. */
  device(user: MatrixUserId, device: string): Promise<CryptoDevice | undefined>;
  saveDevice(user: MatrixUserId, device: string, known: CryptoDevice): Promise<void>;
  /**
   * Raises the age of all that is kept, a number; `told` is the highest that was told to somebody outside. When it was
   * lower, the database went back: all devices are retired, and it is raised above that. Only in the process that leads.
   */
  raiseAge(told: number): Promise<{ readonly age: number; readonly wentBack: boolean }>;
  /** The private cross-signing keys of a user of ours, a text; kept sealed. They outlive devices and restored backups. */
  identity(user: MatrixUserId): Promise<string | undefined>;
  saveIdentity(user: MatrixUserId, identity: string): Promise<void>;
}

export interface ChangedLists {
  readonly users: readonly MatrixUserId[];
  /** What `saveHeard` is told. 0: nothing changed. */
  readonly upTo: number;
}

export interface CryptoDevice {
  /** Its keys and its user's cross-signing keys are on the homeserver, and it is signed with them. */
  readonly signed: boolean;
  /**
   * Never to be used again: it is gone from the homeserver, or the database was restored from a backup since, so that its
   * store is behind what it has used.
   */
  readonly retired: boolean;
}

/** Which process has the machines: one at a time. */
export interface CryptoLeadership {
  isLeader(): boolean;
  /** `listener` runs at once when this process leads already. */
  onGained(listener: () => void): void;
  /** The machines must be closed and not be used any more, at once. A lost connection counts. */
  onLost(listener: () => void): void;
  /** Begins to try to lead, and tries until `stop`. Resolves after the first try. */
  start(): Promise<void>;
  /** Gives leadership up: after the machines are closed. */
  stop(): Promise<void>;
}

/** How the other processes reach the one that leads. Payloads are sealed on their way. */
export interface CryptoHandover {
  /** The leader's answer. @throws TryLater when nobody answers in time */
  request(kind: string, payload: JsonObject): Promise<JsonObject>;
  /** Answers what others ask; only in the process that leads. An answer that fails is asked for again. */
  serve(handler: (kind: string, payload: JsonObject) => Promise<JsonObject>): void;
  /** Answers no more; resolves when what is at work has ended. */
  stopServing(): Promise<void>;
}

/**
 * What one process tells all others, whichever leads: small (at most 4 kB of JSON), not secret, and possibly lost. The
 * homeserver gives an event to one process; which rooms are encrypted and who is in them all must know.
 */
export interface CryptoNews {
  /** Never rejects. */
  announce(news: JsonObject): void;
  /** Of other processes. */
  onNews(listener: (news: JsonObject) => void): void;
  /** Some may have been lost: what was concluded from having heard nothing is to be asked again. */
  onMissed(listener: () => void): void;
}

/** A room key, as its room and session. */
export type KeyKey = `key:${string}`;

/** Encryption of rooms, for the rest of the adapter. */
export interface RoomCrypto {
  /**
   * Whether the room is encrypted: asked of the homeserver once per room, then followed through `observe`. Once on, on
   * for ever. @throws TryLater when it can't be known
   */
  isEncrypted(room: RoomId): Promise<boolean>;
  /**
   * The content of the `m.room.encrypted` event that says this; its relation stays readable outside. The room key is
   * shared with those who may read first. @throws TryLater; never gives clear text
   */
  encrypt(as: MatrixUserId, room: RoomId, type: string, content: JsonObject): Promise<JsonObject>;
  /**
   * The event as it would have been without encryption. @throws KeyMissing; CannotBridge `undecryptable`, with words for
   * its sender; TryLater
   */
  decrypt(event: JsonObject): Promise<JsonObject>;
  /** Learns from an event that the homeserver sent us. */
  observe(event: JsonObject): void;
  /** Room keys that came: what waits for them can be decrypted. In every process. */
  onKeys(listener: (keys: readonly KeyKey[]) => void): void;
  health(): CryptoHealth;
  /** Asks to lead, and opens the bot's machine when it does. What keeps encryption from working is in `health`. */
  start(): Promise<void>;
  /** Closes all machines. */
  stop(): Promise<void>;
}

export interface CryptoHealth {
  /** Whether this process has the machines. */
  readonly leads: boolean;
  /** What keeps encryption from working, and what to do, in a sentence; absent when all is well. */
  readonly trouble?: string;
  /** Of the bot; absent in a process that doesn't lead. */
  readonly device?: {
    readonly user: MatrixUserId;
    readonly id: string;
    readonly signed: boolean;
    /** What people compare when they verify the bot. */
    readonly fingerprint: string;
    /** Of the bot's device on the homeserver. */
    readonly oneTimeKeys: number;
    /** Of the last `/sync` that was answered. */
    readonly synced?: Date;
  };
  readonly openMachines: number;
  /** Room keys that events wait for. */
  readonly missingKeys: number;
  /** Events of people that nobody here could read since the process began. */
  readonly undecryptable: readonly Undecryptable[];
}

export interface Undecryptable {
  readonly room: RoomId;
  /** A constant, such as `key-missing` or `withheld`. */
  readonly reason: string;
  readonly count: number;
}
