import { randomBytes } from 'node:crypto';
import { Accounts } from '../../../src/matrix/accounts.ts';
import type { Answer, Call, HomeserverClient } from '../../../src/matrix/call.ts';
import { UndiciClient } from '../../../src/matrix/client.ts';
import type { ClientOptions } from '../../../src/matrix/client.ts';
import { createRoomCrypto } from '../../../src/matrix/crypto/room-crypto.ts';
import type {
  CryptoHandover,
  CryptoLeadership,
  CryptoNews,
  CryptoRows,
  CryptoState,
  RoomCrypto,
} from '../../../src/matrix/crypto/ports.ts';
import { botUserId, isOurUser } from '../../../src/matrix/ghost-id.ts';
import type { JsonObject } from '../../../src/matrix/json.ts';
import type { GhostStore } from '../../../src/matrix/ports.ts';
import { createRoomState } from '../../../src/matrix/state.ts';
import { matrixUserId } from '../../../src/ids.ts';
import type { MatrixUserId, RoomId } from '../../../src/ids.ts';
import type { TestHomeserver } from '../../support/synapse.ts';
import type { Slot } from '../../support/slots.ts';
import { memoryGhosts, recordingLog } from '../support.ts';
import { keepRows } from './kept-rows.ts';

/** What outlives a process. */
export interface Kept {
  readonly rows: CryptoRows;
  readonly state: CryptoState;
  readonly ghosts: GhostStore;
}

/** All in memory, as it would be in the database. */
export function newKept(): Kept {
  return { rows: keepRows(), state: keepState(), ghosts: memoryGhosts() };
}

/** One process's encryption on a place of the test homeserver, without the rest of the bridge. */
export interface CryptoProcess {
  readonly crypto: RoomCrypto;
  readonly client: HomeserverClient;
  readonly accounts: Accounts;
  readonly bot: MatrixUserId;
  readonly log: ReturnType<typeof recordingLog>;
  ghost(name: string): MatrixUserId;
  /** Encrypts a text as this user and sends it; gives its event's id and content. */
  say(
    as: MatrixUserId,
    room: RoomId,
    body: string,
  ): Promise<{ readonly id: string; readonly content: JsonObject }>;
  join(user: MatrixUserId, room: RoomId): Promise<void>;
  /** As the homeserver has it. */
  event(room: RoomId, id: string): Promise<JsonObject>;
  /** Ends it without a word, as a crash does for what the homeserver sees. */
  stop(): Promise<void>;
}

export async function cryptoProcess(
  homeserver: Pick<TestHomeserver, 'url' | 'serverName'>,
  slot: Slot,
  kept: Kept,
  parts: {
    readonly leadership?: CryptoLeadership;
    readonly handover?: CryptoHandover;
    readonly news?: CryptoNews;
    readonly mostOpen?: number;
    /** What the homeserver answers to this call instead of doing it. */
    readonly refuse?: (call: Call) => Answer | undefined;
  } = {},
): Promise<CryptoProcess> {
  const names = {
    domain: homeserver.serverName,
    bot: slot.botLocalpart,
    prefix: slot.ghostPrefix,
    withTeam: false,
  };
  const bot = botUserId(names);
  const log = recordingLog();
  const client = new RefusedClient(
    { url: homeserver.url, asToken: slot.asToken },
    parts.refuse ?? (() => undefined),
  );
  const accounts = new Accounts({ client, names, store: kept.ghosts, bridgeId: 'the id of this test' });
  const asBot = () => accounts.actor(bot);
  const crypto = createRoomCrypto({
    client,
    accounts,
    state: createRoomState(client, asBot),
    bot,
    asBot,
    isOurs: (user) => isOurUser(names, user),
    rows: kept.rows,
    cryptoState: kept.state,
    leadership: parts.leadership ?? alwaysLeading(),
    handover: parts.handover ?? nobodyElse,
    news: parts.news ?? quiet,
    ...(parts.mostOpen !== undefined && { mostOpen: parts.mostOpen }),
    onBroken: (error) => log.error('broken', { error }),
    log,
  });
  await accounts.confirm(bot);
  await crypto.start();
  return {
    crypto,
    client,
    accounts,
    bot,
    log,
    ghost: (name) => matrixUserId(`@${slot.ghostPrefix}${name}:${homeserver.serverName}`),
    async say(as, room, body) {
      const content = await crypto.encrypt(as, room, 'm.room.message', { msgtype: 'm.text', body });
      const path = [
        'client',
        'v3',
        'rooms',
        room,
        'send',
        'm.room.encrypted',
        randomBytes(8).toString('hex'),
      ];
      const request = {
        name: 'send',
        method: 'PUT',
        path,
        as: await accounts.actor(as),
        body: content,
      } as const;
      return { id: String((await client.call(request))['event_id']), content };
    },
    async join(user, room) {
      const path = ['client', 'v3', 'rooms', room, 'join'];
      await client.call({ name: 'join', method: 'POST', path, as: await accounts.actor(user), body: {} });
    },
    event: async (room, id) =>
      client.call({
        name: 'event',
        method: 'GET',
        path: ['client', 'v3', 'rooms', room, 'event', id],
        as: await asBot(),
      }),
    async stop() {
      await crypto.stop();
      await client.close();
    },
  };
}

class RefusedClient extends UndiciClient {
  readonly refuse: (call: Call) => Answer | undefined;

  constructor(options: ClientOptions, refuse: (call: Call) => Answer | undefined) {
    super(options);
    this.refuse = refuse;
  }

  override async exchange(call: Call): Promise<Answer> {
    return this.refuse(call) ?? super.exchange(call);
  }
}

/** What is known of devices, in memory. */
function keepState(): CryptoState {
  const key = randomBytes(32);
  const devices = new Map<string, { signed: boolean; retired: boolean }>();
  const since = new Map<string, string>();
  const identities = new Map<string, string>();
  let age = 0;
  const changes: MatrixUserId[] = [];
  const heard = new Map<string, number>();
  return {
    storeKey: async () => key,
    since: async (user, device) => since.get(`${user} ${device}`),
    async saveSince(user, device, now, changed = []) {
      since.set(`${user} ${device}`, now);
      changes.push(...changed);
    },
    changedLists: async (user, device) => ({
      users: changes.slice(heard.get(`${user} ${device}`) ?? 0),
      upTo: changes.length,
    }),
    saveHeard: async (user, device, upTo) => void heard.set(`${user} ${device}`, upTo),
    device: async (user, device) => devices.get(`${user} ${device}`),
    saveDevice: async (user, device, known) => void devices.set(`${user} ${device}`, known),
    async raiseAge(told) {
      const wentBack = age < told;
      if (wentBack) for (const known of devices.values()) known.retired = true;
      age = Math.max(age, told) + 1;
      return { age, wentBack };
    },
    identity: async (user) => identities.get(user),
    saveIdentity: async (user, identity) => void identities.set(user, identity),
  };
}

/** A process that leads until it is told not to. */
export function alwaysLeading(): CryptoLeadership & { lose(): void } {
  let leads = false;
  const gained: (() => void)[] = [];
  const lost: (() => void)[] = [];
  const lose = (): void => {
    if (!leads) return;
    leads = false;
    for (const listener of lost) listener();
  };
  return {
    isLeader: () => leads,
    onGained: (listener) => void gained.push(listener),
    onLost: (listener) => void lost.push(listener),
    start: async () => {
      leads = true;
      for (const listener of gained) listener();
    },
    stop: async () => {
      leads = false;
    },
    lose,
  };
}

const nobodyElse: CryptoHandover = {
  request: () => Promise.reject(new Error('nobody else is there')),
  serve: () => undefined,
  stopServing: () => Promise.resolve(),
};

const quiet: CryptoNews = { announce: () => undefined, onNews: () => undefined, onMissed: () => undefined };
