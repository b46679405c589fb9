import { createHmac } from 'node:crypto';
import { InvalidId } from '../ids.ts';
import type { MatrixUserId } from '../ids.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { isOurUser, localpartOf } from './ghost-id.ts';
import type { GhostNames } from './ghost-id.ts';
import { createLimit, createTurns } from './limit.ts';
import type { GhostRecord, GhostStore } from './ports.ts';
import { bridging, isRefusal } from './refusal.ts';

/** So many new ghosts leave the homeserver time for messages. */
const madeAtOnce = 8;
/** Some 300 bytes each. */
const mostRemembered = 20_000;
/** Of a real person: they see it among their sessions. */
const personsDevice = 'Slack bridge (what you write in Slack)';

/**
 * Our users on the homeserver, each with one device. Nobody logs in: requests name user and device beside the bridge's
 * token, and the device makes a repeated send the same send, also after a restart of the homeserver. Real people that we act
 * as have such a device of ours, too; their account is theirs, and nothing else of it is touched.
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/4190
 */
export class Accounts {
  readonly #client: HomeserverClient;
  readonly #names: GhostNames;
  readonly #store: GhostStore;
  readonly #bridgeId: string;
  readonly #known = new BoundedMap<MatrixUserId, GhostRecord>(mostRemembered);
  readonly #inTurn = createTurns();
  readonly #limit = createLimit(madeAtOnce);

  constructor(options: {
    readonly client: HomeserverClient;
    readonly names: GhostNames;
    readonly store: GhostStore;
    readonly bridgeId: string;
  }) {
    this.#client = options.client;
    this.#names = options.names;
    this.#store = options.store;
    this.#bridgeId = options.bridgeId;
  }

  /** As whom requests of this user are made; registers the user and makes the device when there is none yet. */
  async actor(user: MatrixUserId): Promise<Acting> {
    return this.#acting(user, (await this.record(user)).deviceId);
  }

  #acting(user: MatrixUserId, device?: string): Acting {
    const as = { user, ...(device !== undefined && { device }) };
    return this.#isPerson(user) ? { ...as, registration: 'puppets' } : as;
  }

  #isPerson(user: MatrixUserId): boolean {
    return !isOurUser(this.#names, user);
  }

  /** What is known of the user, who is registered and has a device from now on. */
  async record(user: MatrixUserId): Promise<GhostRecord> {
    return this.#known.get(user) ?? this.#inTurn(user, () => this.#current(user));
  }

  /** What is in memory, without asking anybody. */
  remembered(user: MatrixUserId): GhostRecord | undefined {
    return this.#known.get(user);
  }

  /** What is stored, without making anybody. */
  async find(user: MatrixUserId): Promise<GhostRecord | undefined> {
    return this.#known.get(user) ?? this.#store.get(this.#localpart(user));
  }

  /** Changes what is known; changes of one user come one after the other. */
  async update(user: MatrixUserId, change: (record: GhostRecord) => GhostRecord): Promise<void> {
    await this.#inTurn(user, async () => this.#save(user, change(await this.#current(user))));
  }

  /** Makes sure that the homeserver has the user and the device that we know. */
  async confirm(user: MatrixUserId): Promise<void> {
    const { localpart, deviceId } = await this.record(user);
    await this.#makeOnServer(user, localpart, deviceId);
  }

  /** Registers the user, and a new device, again: the homeserver doesn't know them any more. */
  async renew(user: MatrixUserId): Promise<Acting> {
    const before = await this.record(user);
    const made = await this.#inTurn(user, async () => {
      const now = await this.#current(user);
      return now.deviceId === before.deviceId ? this.#make(user, withoutProfile(before)) : now;
    });
    return this.#acting(user, made.deviceId);
  }

  /** Only in the user's turn, so that nobody is made twice. */
  async #current(user: MatrixUserId): Promise<GhostRecord> {
    const found = (await this.find(user)) ?? (await this.#make(user));
    this.#known.set(user, found);
    return found;
  }

  async #make(user: MatrixUserId, before?: GhostRecord): Promise<GhostRecord> {
    const localpart = this.#localpart(user);
    const deviceId = this.#deviceAfter(localpart, before?.deviceId ?? '');
    await this.#makeOnServer(user, localpart, deviceId);
    const record = { ...before, localpart, deviceId };
    await this.#save(user, record);
    return record;
  }

  async #makeOnServer(user: MatrixUserId, localpart: string, deviceId: string): Promise<void> {
    const make = async (): Promise<void> => {
      if (!this.#isPerson(user)) await register(this.#client, localpart);
      await this.#client.call({
        name: 'device',
        method: 'PUT',
        path: ['client', 'v3', 'devices', deviceId],
        as: this.#acting(user),
        body: { display_name: this.#isPerson(user) ? personsDevice : 'Slack bridge' },
      });
    };
    await this.#limit(() => bridging(`make the Matrix user ${user}`, make));
  }

  async #save(user: MatrixUserId, record: GhostRecord): Promise<void> {
    await this.#store.save(record);
    this.#known.set(user, record);
  }

  /** The id follows from the one before, so that a bridge that lost its ghosts' table makes the same device again. */
  #deviceAfter(localpart: string, before: string): string {
    const hash = createHmac('sha256', this.#bridgeId).update(JSON.stringify([localpart, before]));
    return hash.digest('hex').slice(0, 16).toUpperCase();
  }

  #localpart(user: MatrixUserId): string {
    const localpart = localpartOf(this.#names, user);
    if (localpart === undefined) throw new InvalidId('user of our homeserver', user);
    return localpart;
  }
}

/** A homeserver that forgot the user has forgotten name and picture too. */
function withoutProfile(record: GhostRecord): GhostRecord {
  const { localpart, slack, deviceId } = record;
  return { localpart, deviceId, ...(slack && { slack }) };
}

/** Registers a user of our namespace; one that exists is as good. Without login, which some servers don't offer. */
async function register(client: HomeserverClient, localpart: string): Promise<void> {
  try {
    await client.call({
      name: 'register',
      method: 'POST',
      path: ['client', 'v3', 'register'],
      body: { type: 'm.login.application_service', username: localpart, inhibit_login: true },
    });
  } catch (error) {
    if (!isRefusal(error, 'M_USER_IN_USE')) throw error;
  }
}
