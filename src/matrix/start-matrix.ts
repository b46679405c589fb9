import { setTimeout as sleep } from 'node:timers/promises';
import { CannotBridge, CannotStart, TryLater } from '../errors.ts';
import type { MatrixEvent } from '../events.ts';
import type { MatrixUserId, MxcUri } from '../ids.ts';
import type { MatrixPort } from '../portal/ports.ts';
import { createAddresses } from './addresses.ts';
import type { AddressesOf } from './addresses.ts';
import { IntakeAppService } from './app-service.ts';
import { createRoomReader } from './catch-up.ts';
import type { ReadRoom } from './catch-up.ts';
import type { CryptoHealth, RoomCrypto } from './crypto/ports.ts';
import type { MatrixHealth } from './health.ts';
import { textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { createLibraryBridge } from './library.ts';
import type { MatrixOptions } from './matrix-options.ts';
import { adminOf, connect } from './matrix-parts.ts';
import type { Parts } from './matrix-parts.ts';
import type { MediaFiles } from './media-files.ts';
import type { MediaStream } from './media.ts';
import { createRoomHistory } from './room-history.ts';
import type { ShownRoom } from './shown-room.ts';

/** The bridge's connection with its homeserver. */
export interface MatrixAdapter {
  readonly port: MatrixPort;
  /**
   * Begins to take events: only when they can be stored. Checks that the homeserver reaches us.
   * @throws CannotStart
   */
  listen(): Promise<void>;
  /** Takes no events any more and answers those at work; `port` can still be used. */
  deafen(): Promise<void>;
  /** Ends everything. Requests that are still open fail with TryLater. */
  stop(): Promise<void>;
  health(): MatrixHealth;
  /** Events can be stored again after an outage: the homeserver is asked to send them now. */
  askForEvents(): Promise<void>;
  /** Finds what a room has that the homeserver didn't send. */
  readonly readRoom: ReadRoom;
  /** Shows what happened in a room. */
  readonly shownRoom: ShownRoom;
  readonly files: MediaFiles;
  /** Whether we may act as this person, if they want that; as far as is known without asking. */
  canDouble(user: MatrixUserId): boolean;
  /** We act as this person no more. Never rejects. */
  endSession(user: MatrixUserId): Promise<void>;
  /** For the pictures that Slack shows. */
  thumbnail(mxc: MxcUri, size: number): Promise<MediaStream>;
  readonly addressesOf: AddressesOf;
  /** Absent: encryption is off. */
  readonly encryption?: Encryption;
}

/** Encrypted rooms, for the rest of the bridge. */
export interface Encryption extends Pick<RoomCrypto, 'onKeys'> {
  /** What an encrypted event says. @throws WaitForKey; CannotBridge `undecryptable`; TryLater; InvalidId */
  open(raw: JsonObject): Promise<MatrixEvent>;
  /** Told of each encrypted event of other people that was stored; must not throw. */
  onStored(listener: (event: JsonObject) => void): void;
  health(): CryptoHealth;
}

const botName = 'Slack bridge';
/** Pictures that take longer when the bridge stops are brought over another time. */
const picturesEnd = 2000;

/**
 * Connects to the homeserver and makes the bot. Resolves when `port` can be used; events come after `listen`.
 * @throws CannotStart when the homeserver can't be reached, or doesn't know the registration
 */
export async function startMatrix(options: MatrixOptions): Promise<MatrixAdapter> {
  const parts = connect(options);
  const { watch, client, crypto } = parts;
  const server = await createServer(options, parts);

  const deafen = async (): Promise<void> => {
    watch.stop();
    await server.deafen();
  };
  const stop = async (): Promise<void> => {
    await deafen();
    await server.close();
    await Promise.race([parts.settled(), sleep(picturesEnd, undefined, { ref: false })]);
    await crypto?.stop();
    await client.close();
  };
  await prepareBot(parts).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  await parts.doubles.check();
  await crypto?.start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    port: parts.port,
    listen: async () => {
      await server.listen();
      const health = await watch.firstPing();
      if (!health.ok) throw new CannotStart(health.reason ?? 'the homeserver is not well');
      watch.start();
    },
    deafen,
    stop,
    health: () => watch.health(),
    askForEvents: async () => {
      await watch.ping();
    },
    readRoom: roomReader(options, parts),
    shownRoom: parts.shownRoom,
    files: parts.files,
    canDouble: (user) => parts.doubles.isPossible(user),
    endSession: (user) => parts.doubles.endSession(user),
    thumbnail: (mxc, size) => parts.media.thumbnail(mxc, size),
    addressesOf: createAddresses({ client, log: options.log, ...adminOf(options) }),
    ...(crypto && { encryption: encryptionOf(parts, crypto) }),
  };
}

function encryptionOf({ open, whenEncrypted }: Parts, crypto: RoomCrypto): Encryption {
  return {
    open: (raw) => open.neutral(raw),
    onKeys: (listener) => crypto.onKeys(listener),
    onStored: (listener) => void whenEncrypted.push(listener),
    health: () => crypto.health(),
  };
}

/** The server for the homeserver's transactions, inside the library's bridge. */
async function createServer(options: MatrixOptions, parts: Parts): Promise<Server> {
  const { registration, log, metrics } = options;
  const library = await createLibraryBridge({
    homeserverUrl: options.homeserver.url,
    names: parts.names,
    registration,
    log,
  });
  const appService = new IntakeAppService({
    hsToken: registration.hsToken,
    intake: options.intake,
    isOwn: parts.isOwn,
    isGhost: parts.isGhost,
    ...(options.isCommand && { isCommand: options.isCommand }),
    // before anything is sent that it changes
    onSeen: (event) => parts.crypto?.observe(event),
    onEvent: (event) => {
      parts.observe(event);
      noteEncrypted(parts, event);
      const room = textAt(event, 'room_id');
      if (room !== undefined) options.onActivity?.(room);
    },
    ...(options.onRead && { onRead: options.onRead }),
    onStored: (stored) => {
      parts.watch.heard();
      if (parts.watch.stored(stored) && stored) options.onGap?.();
    },
    onPing: () => parts.watch.reached(),
    log,
    ...(metrics && { metrics }),
  });
  const { host, port } = options.appservice;
  return {
    listen: () => library.listen(port, host, 128, appService),
    deafen: () => appService.close(),
    close: () => library.close(),
  };
}

function noteEncrypted({ isOwn, whenEncrypted }: Parts, event: JsonObject): void {
  if (event['type'] === 'm.room.encrypted' && !isOwn(event))
    for (const listener of whenEncrypted) listener(event);
}

/** What a read event says of a member may be outdated: it is asked for again. */
function roomReader(options: MatrixOptions, parts: Parts): ReadRoom {
  const { intake, log, isCommand } = options;
  const { client, asBot, crypto, isOwn, isGhost, observe } = parts;
  return createRoomReader({
    history: createRoomHistory(client, asBot),
    intake,
    isOwn,
    isGhost,
    isCommand: isCommand ?? (() => false),
    onRead: (event) => {
      const nothing = { ...event, content: {} };
      observe(nothing);
      crypto?.observe(event['type'] === 'm.room.encryption' ? event : nothing);
      noteEncrypted(parts, event);
    },
    log,
  });
}

interface Server {
  listen(): Promise<void>;
  deafen(): Promise<void>;
  /** Also needed where it never listened: the library has timers. */
  close(): Promise<void>;
}

/** Whatever keeps the bot from being made keeps the bridge from starting; the ping knows the reason best. */
async function prepareBot({ accounts, profiles, watch, bot }: Parts): Promise<void> {
  try {
    await accounts.confirm(bot);
    await profiles.prepareNamed(bot, botName);
  } catch (error) {
    if (error instanceof TryLater) {
      const { reason } = await watch.ping();
      throw new CannotStart(reason ?? error.message, { cause: error });
    }
    if (error instanceof CannotBridge) throw new CannotStart(error.message, { cause: error });
    throw error;
  }
}
