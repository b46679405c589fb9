import { TryLater } from '../../errors.ts';
import type { MatrixUserId } from '../../ids.ts';
import type { Logger } from '../../log.ts';
import type { Accounts } from '../accounts.ts';
import type { HomeserverClient } from '../call.ts';
import { objectAt } from '../json.ts';
import { createLimit, createTurns } from '../limit.ts';
import { isRefusal } from '../refusal.ts';
import { Machine } from './machine.ts';
import type { DeviceChanges, MachineStore } from './machine.ts';
import type { CryptoRows, CryptoState, KeyKey } from './ports.ts';
import { DeviceGone } from './trouble.ts';

interface DevicesOptions {
  readonly client: HomeserverClient;
  readonly accounts: Pick<Accounts, 'record' | 'renew'>;
  readonly bot: MatrixUserId;
  readonly rows: Pick<CryptoRows, 'remove'>;
  readonly state: CryptoState;
  /** Whether this process may have machines. */
  readonly leads: () => boolean;
  readonly openStore: (name: string) => MachineStore;
  /** Room keys came to the bot. */
  readonly onKeys: (keys: readonly KeyKey[]) => void;
  readonly log: Logger;
  /** So many machines of ghosts are open at once. */
  readonly mostOpen?: number;
}

interface Entry {
  readonly machine: Promise<Machine>;
  /** Once it is open. */
  open?: Machine;
  /** Pieces of work that use it now. */
  users: number;
}

/** Half a megabyte each, which the crypto module never gives back. */
const mostOpen = 100;
/** Each new one makes four requests. */
const openedAtOnce = 8;

/**
 * The machines of our users' devices. The bot's stays open; a ghost's is opened at the first thing that it writes into an
 * encrypted room, and closed when many others have written since. A device that the homeserver lost is replaced by a new
 * one with a new store: an old store with other people's newer view of the device would look like an attack, and be one.
 */
export class Devices {
  readonly #options: DevicesOptions;
  readonly #entries = new Map<MatrixUserId, Entry>();
  readonly #inTurn = createTurns();
  readonly #limit = createLimit(openedAtOnce);

  constructor(options: DevicesOptions) {
    this.#options = options;
  }

  get open(): number {
    return this.#entries.size;
  }

  /**
   * Does `work` with the machine of the user's device; once more with a new device when the homeserver has lost it.
   * @throws TryLater in a process that doesn't lead; EncryptionTrouble; TryLater and Refusal of the homeserver
   */
  async use<T>(user: MatrixUserId, work: (machine: Machine) => Promise<T>): Promise<T> {
    try {
      return await this.#useOnce(user, work);
    } catch (error) {
      if (!(error instanceof DeviceGone)) throw error;
      this.#options.log.warn('the homeserver has lost a device of ours, which gets a new one', { user });
      return this.#useOnce(user, work).catch((second: unknown) => {
        throw second instanceof DeviceGone ? new TryLater(second.message, { cause: second }) : second;
      });
    }
  }

  /** Tells all ghosts' machines, or the bot's too, that devices of people have changed. */
  async devicesChanged(lists: DeviceChanges, whose: 'ghosts' | 'all' = 'ghosts'): Promise<void> {
    if (lists.changed.length === 0 && lists.left.length === 0) return;
    const { bot, log } = this.#options;
    const told = [...this.#entries].map(async ([user, { machine, open }]) => {
      if (whose === 'ghosts' && user === bot) return undefined;
      if (open) return open.devicesChanged(lists).catch(ifClosed);
      // nobody waits for one that is being opened; it may have asked before this what changed
      machine
        .then((later) => later.devicesChanged(lists))
        .catch((error: unknown) => log.debug('a machine was not told of changed devices', { user, error }));
    });
    await Promise.all(told);
  }

  /** Ends all machines; what they are at fails at once. Resolves when their stores can be opened again. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((user) => this.#close(user)));
  }

  async #useOnce<T>(user: MatrixUserId, work: (machine: Machine) => Promise<T>): Promise<T> {
    const entry = await this.#entry(user);
    entry.users += 1;
    try {
      return await work(await entry.machine);
    } catch (error) {
      if (error instanceof DeviceGone) await this.#replace(user, entry);
      throw error;
    } finally {
      entry.users -= 1;
      this.#closeUnused();
    }
  }

  /** That of the device which the user has now: others may have found before us that one is gone. */
  async #entry(user: MatrixUserId): Promise<Entry> {
    const open = this.#entries.get(user);
    const machine = await open?.machine;
    const { deviceId } = await this.#options.accounts.record(user);
    if (open && machine && this.#entries.get(user) === open) {
      this.#entries.delete(user); // back as the one that was used last
      if (!machine.closed) this.#entries.set(user, open);
      if (machine.device.as.device !== deviceId) await this.#replace(user, open);
    }
    return this.#entries.get(user) ?? this.#made(user);
  }

  #made(user: MatrixUserId): Entry {
    if (!this.#options.leads()) throw new TryLater('another process of the bridge encrypts', { after: 1000 });
    const open = (): Promise<Machine> => this.#opened(user);
    const isBot = user === this.#options.bot; // which waits for nobody
    const machine = this.#inTurn(user, () => (isBot ? open() : this.#limit(open)));
    const entry: Entry = { machine, users: 0 };
    this.#entries.set(user, entry);
    machine.then(
      (opened) => {
        entry.open = opened;
      },
      () => {
        if (this.#entries.get(user) === entry) this.#entries.delete(user);
      },
    );
    return entry;
  }

  async #opened(user: MatrixUserId): Promise<Machine> {
    const { bot, client, log, state, openStore, onKeys } = this.#options;
    const device = await this.#usableDevice(user);
    const before = await state.device(user, device);
    let signed = before?.signed === true;
    if (!before) await state.saveDevice(user, device, { signed, retired: false });
    const machine = await Machine.open({
      device: { as: { user, device }, client, sendOnly: user !== bot, known: () => signed },
      store: openStore(storeName(user, device)),
      identities: state,
      log,
    });
    try {
      if (user === bot) machine.onKeys(onKeys);
      else if (signed) await this.#catchUp(machine);
      if (!signed) await machine.sign();
      if (!signed) await state.saveDevice(user, device, { signed: true, retired: false });
      signed = true;
      return machine;
    } catch (error) {
      await machine.close();
      if (error instanceof DeviceGone) await this.#retire(user, device);
      throw error;
    }
  }

  /** What it missed while it was closed. */
  async #catchUp(machine: Machine): Promise<void> {
    const { user, device } = machine.device.as;
    const { users, upTo } = await this.#options.state.changedLists(user, device);
    if (users.length === 0) return;
    await machine.devicesChanged({ changed: users, left: [] });
    await this.#options.state.saveHeard(user, device, upTo);
  }

  /** A new store needs a device that never had keys: those of before a restored backup had others. */
  async #usableDevice(user: MatrixUserId): Promise<string> {
    const { accounts, state } = this.#options;
    for (;;) {
      const { deviceId } = await accounts.record(user);
      const known = await state.device(user, deviceId);
      if (known && !known.retired) return deviceId;
      if (!known && !(await this.#hasKeys(user, deviceId))) return deviceId;
      await this.#retire(user, deviceId);
    }
  }

  async #hasKeys(user: MatrixUserId, device: string): Promise<boolean> {
    const request = {
      name: 'keys-query',
      method: 'POST',
      path: ['client', 'v3', 'keys', 'query'],
      as: { user, device },
      body: { device_keys: { [user]: [device] } },
    } as const;
    try {
      const answer = await this.#options.client.call(request);
      return device in objectAt(objectAt(answer, 'device_keys'), user);
    } catch (error) {
      if (isRefusal(error, 'M_UNKNOWN_DEVICE')) return true; // it is gone: as unusable
      throw error;
    }
  }

  /** Gives the user another device, if nobody has done so, and forgets the store of this one. */
  async #retire(user: MatrixUserId, device: string): Promise<void> {
    const { accounts, rows, state } = this.#options;
    await state.saveDevice(user, device, { signed: false, retired: true });
    await rows.remove(`${storeName(user, device)}::`);
    if ((await accounts.record(user)).deviceId === device) await accounts.renew(user);
  }

  async #replace(user: MatrixUserId, entry: Entry): Promise<void> {
    const machine = await entry.machine.catch(() => undefined);
    if (this.#entries.get(user) === entry) await this.#close(user);
    if (machine) await this.#retire(user, machine.device.as.device);
  }

  #closeUnused(): void {
    const { bot, log, mostOpen: most = mostOpen } = this.#options;
    let over = this.#entries.size - most;
    for (const [user, { users }] of this.#entries) {
      if (over <= 0) return;
      if (users > 0 || user === bot) continue;
      over -= 1;
      this.#close(user).catch((error: unknown) =>
        log.error('a machine could not be closed', { user, error }),
      );
    }
  }

  async #close(user: MatrixUserId): Promise<void> {
    const entry = this.#entries.get(user);
    if (!entry) return;
    this.#entries.delete(user);
    await this.#inTurn(user, async () => {
      const machine = await entry.machine.catch(() => undefined);
      await machine?.close();
    });
  }
}

/** A name and the module's own suffix are what a database is called: no user's id holds a `|`. */
function storeName(user: MatrixUserId, device: string): string {
  return `${user}|${device}`;
}

function ifClosed(error: unknown): void {
  if (!(error instanceof TryLater)) throw error;
}
