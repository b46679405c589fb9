import { setTimeout as sleep } from 'node:timers/promises';
import { CannotBridge, CannotStart, TryLater } from '../errors.ts';
import type { AuthorId, MatrixUserId, MxcUri, TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { NameTemplate } from '../name-template.ts';
import type { MatrixPort } from '../portal/ports.ts';
import type { IntakePort } from '../queue/ports.ts';
import { Accounts } from './accounts.ts';
import { createAddresses } from './addresses.ts';
import type { AddressesOf } from './addresses.ts';
import { IntakeAppService } from './app-service.ts';
import type { Acting } from './call.ts';
import { UndiciClient } from './client.ts';
import { botUserId, ghostId, ghostOwner, isOurUser } from './ghost-id.ts';
import type { GhostNames } from './ghost-id.ts';
import { HealthWatch } from './health.ts';
import type { MatrixHealth } from './health.ts';
import { createChatRooms } from './chat-rooms.ts';
import { createBotChats } from './bot-chats.ts';
import { createDirectRooms } from './direct-rooms.ts';
import { createDoubles } from './doubles.ts';
import type { Doubles } from './doubles.ts';
import { createEchoMarks } from './echo-mark.ts';
import { textAt } from './json.ts';
import { createLibraryBridge } from './library.ts';
import { createRoomReader } from './catch-up.ts';
import type { ReadRoom } from './catch-up.ts';
import { createMediaFiles } from './media-files.ts';
import type { MediaFiles } from './media-files.ts';
import { createMedia } from './media.ts';
import type { MediaStream } from './media.ts';
import type { JsonObject } from './json.ts';
import { createMembers } from './members.ts';
import { Membership } from './membership.ts';
import { createNamesakes } from './namesakes.ts';
import { createPictures } from './pictures.ts';
import type { FetchPicture, GhostStore, MatrixMetrics, PictureStore } from './ports.ts';
import { createFieldWriter } from './profile-fields.ts';
import { Profiles } from './profiles.ts';
import type { ReadReceipt } from './receipts.ts';
import type { Registration } from './registration.ts';
import type { RoomPolicy } from './room-creation.ts';
import { createRoomHistory } from './room-history.ts';
import { createRoomsPort } from './rooms.ts';
import { createSends } from './sends.ts';
import { createShownMessages } from './shown-messages.ts';
import { createShownRoom } from './shown-room.ts';
import type { ShownRoom } from './shown-room.ts';
import { createRoomState } from './state.ts';

export interface MatrixOptions {
  readonly homeserver: {
    readonly url: string;
    readonly domain: string;
    /** Of an administrator of Synapse: what is deleted in Slack is deleted from its media. */
    readonly adminToken?: string;
  };
  readonly appservice: {
    readonly host: string;
    readonly port: number;
    readonly bot: string;
    readonly ghostPrefix: string;
    readonly ghostTeam: boolean;
    /** How ghosts are called. */
    readonly ghostName: NameTemplate;
    /** Whether ghosts have titles, statuses and the like as fields of their profiles. */
    readonly ghostFields: boolean;
  };
  readonly rooms: RoomPolicy;
  /** Checked by `readRegistration`. */
  readonly registration: Registration;
  /** Checked by `readPuppetsRegistration`; absent: there are no double puppets. */
  readonly puppetsRegistration?: Registration;
  /** The Matrix account under which somebody in Slack wants to appear. Asks nobody. */
  readonly accountOf: (team: TeamId, author: AuthorId) => MatrixUserId | undefined;
  /** The bridge's own secret id: transaction ids and device ids derive from it. */
  readonly bridgeId: string;
  readonly ghostStore: GhostStore;
  readonly pictureStore: PictureStore;
  readonly intake: IntakePort;
  readonly fetchPicture: FetchPicture;
  /** Whether a message's text is for the bot: it then never waits behind the messages of a paused portal. */
  readonly isCommand?: (text: string) => boolean;
  readonly log: Logger;
  readonly metrics?: MatrixMetrics;
  /** The homeserver is well again after trouble: what waits for it may go on. */
  readonly onRecovered?: () => void;
  /** Events may be missing: the homeserver was away, or transactions could not be stored. */
  readonly onGap?: () => void;
  /** An event of this room was delivered. */
  readonly onActivity?: (room: string) => void;
  /** People have read something in rooms; must not throw. */
  readonly onRead?: (receipts: readonly ReadReceipt[]) => void;
}

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
  const { watch, client } = parts;
  const server = await createServer(options, parts);

  const deafen = async (): Promise<void> => {
    watch.stop();
    await server.deafen();
  };
  const stop = async (): Promise<void> => {
    await deafen();
    await server.close();
    await Promise.race([parts.settled(), sleep(picturesEnd, undefined, { ref: false })]);
    await client.close();
  };
  await prepareBot(parts).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  await parts.doubles.check();
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
  };
}

function namesOf(options: MatrixOptions): GhostNames {
  const { bot, ghostPrefix, ghostTeam } = options.appservice;
  return { domain: options.homeserver.domain, bot, prefix: ghostPrefix, withTeam: ghostTeam };
}

type Parts = ReturnType<typeof connect>;

/** What the parts are to each other. */
function connect(options: MatrixOptions) {
  const { bridgeId, ghostStore: store, fetchPicture, log, puppetsRegistration } = options;
  const names = namesOf(options);
  const bot = botUserId(names);
  const isOurs = (user: string): boolean => isOurUser(names, user);
  const marks = createEchoMarks(bridgeId);
  const isOwn = (event: JsonObject): boolean =>
    isOurs(textAt(event, 'sender') ?? '') || marks.authorOf(event) !== undefined;
  const client = clientFor(options, () => watch.doubt());
  const accounts = new Accounts({ client, names, store, bridgeId });
  const asBot = (): Promise<Acting> => accounts.actor(bot);
  const state = createRoomState(client, asBot);
  const media = createMedia(client, asBot);
  const files = createMediaFiles({ client, media, as: asBot, log, ...adminOf(options) });
  const members = createMembers(client, state, asBot);
  const namesakes = createNamesakes({ client, bot: asBot, isOurs });
  const doubles = createDoubles({ client, accounts, names, isOurs, registration: puppetsRegistration, log });
  const membership = new Membership({ client, accounts, state, bot, isOurs, doubles });
  const profiles = new Profiles({ client, accounts, media, ...profileOptions(options, client, accounts) });
  const pictures = createPictures({ store: options.pictureStore, media, fetchPicture, as: asBot, log });
  const watch = healthWatch(options, client, () => void doubles.check());
  const shownRoom = createShownRoom(createRoomHistory(client, asBot), { client, asBot, isOwn });
  const policy = options.rooms;
  const port: MatrixPort = {
    bot,
    isOurs,
    ...ghostsPort(names, accounts, profiles),
    ...doublesPort(options, client, doubles),
    ...createBotChats({ client, state, asBot }),
    picture: (url) => pictures.at(url),
    ...createShownMessages({ client, asBot, shownRoom }),
    pictureSources: (mxc) => options.pictureStore.urlsOf(mxc),
    ...createSends({ client, membership, bot, bridgeId, isOurs, marks }),
    ...createChatRooms({ client, state, membership, bot, asBot, accounts, policy }),
    ...createRoomsPort({ client, state, members, namesakes, membership, bot, asBot, isOurs, policy, names }),
  };
  const observe = (event: JsonObject): void => {
    members.observe(event);
    namesakes.observe(event);
  };
  const settled = (): Promise<unknown> => Promise.all([profiles.settled(), pictures.settled()]);
  return {
    port,
    names,
    bot,
    isOwn,
    isGhost: (user: string) => user !== bot && isOurs(user),
    asBot,
    client,
    accounts,
    doubles,
    media,
    files,
    observe,
    profiles,
    settled,
    shownRoom,
    watch,
  };
}

function clientFor(options: MatrixOptions, onUnreachable: () => void): UndiciClient {
  const { homeserver, metrics, puppetsRegistration: puppets, registration } = options;
  return new UndiciClient({
    url: homeserver.url,
    asToken: registration.asToken,
    ...(puppets && { puppetsToken: puppets.asToken }),
    onUnreachable,
    ...(metrics && { metrics }),
  });
}

function profileOptions(options: MatrixOptions, client: UndiciClient, accounts: Accounts) {
  const { fetchPicture, log } = options;
  const { ghostName: names, ghostFields: enabled } = options.appservice;
  return { fetchPicture, log, names, fields: createFieldWriter({ client, accounts, log, enabled }) };
}

function adminOf({ homeserver: { adminToken } }: MatrixOptions): { readonly adminToken?: string } {
  return adminToken === undefined ? {} : { adminToken };
}

function healthWatch(options: MatrixOptions, client: UndiciClient, onBack: () => void): HealthWatch {
  const { registration, log, metrics, onRecovered, onGap } = options;
  return new HealthWatch({
    client,
    registration,
    log,
    ...(metrics && { metrics }),
    onRecovered: () => {
      onBack(); // it may have been restarted to learn of a registration
      onRecovered?.();
    },
    ...(onGap && { onGap }),
  });
}

type GhostsPort = Pick<MatrixPort, 'ghostOf' | 'authorOf' | 'prepareGhost' | 'hasGhost'>;

function ghostsPort(names: GhostNames, accounts: Accounts, profiles: Profiles): GhostsPort {
  return {
    ghostOf: (team, author) => ghostId(names, team, author),
    authorOf: (user) => ghostOwner(names, user),
    prepareGhost: async (profile, haste) => {
      const user = ghostId(names, profile.team, profile.id);
      await profiles.prepare(user, profile, haste);
      return user;
    },
    hasGhost: async (team, author) =>
      (await accounts.find(ghostId(names, team, author)))?.slack !== undefined,
  };
}

function doublesPort(
  { accountOf }: MatrixOptions,
  client: UndiciClient,
  doubles: Doubles,
): Pick<MatrixPort, 'doubleOf' | 'markDirect' | 'joinDirect'> {
  return {
    doubleOf: (team, author) => {
      const user = accountOf(team, author);
      return user !== undefined && doubles.isPossible(user) ? user : undefined;
    },
    ...createDirectRooms(client, doubles),
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
    onEvent: (event) => {
      parts.observe(event);
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

/** What a read event says of a member may be outdated: it is asked for again. */
function roomReader(
  { intake, log, isCommand }: MatrixOptions,
  { client, asBot, isOwn, isGhost, observe }: Parts,
): ReadRoom {
  return createRoomReader({
    history: createRoomHistory(client, asBot),
    intake,
    isOwn,
    isGhost,
    isCommand: isCommand ?? (() => false),
    onRead: (event) => observe({ ...event, content: {} }),
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
