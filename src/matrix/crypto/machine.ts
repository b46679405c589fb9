import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  DecryptionSettings,
  DeviceId,
  DeviceLists,
  initAsync,
  OlmMachine,
  RoomId as ModuleRoomId,
  ShieldStateCode,
  TrustRequirement,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import type { StoreHandle } from '@matrix-org/matrix-sdk-crypto-wasm';
import { TryLater } from '../../errors.ts';
import type { RoomId } from '../../ids.ts';
import type { Logger } from '../../log.ts';
import { cryptoModuleLogger } from '../../log/vendors.ts';
import { isObject, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { createTurns } from '../limit.ts';
import { isRefusal } from '../refusal.ts';
import { moduleUsers } from './module-ids.ts';
import { keyOf } from './key-missing.ts';
import type { CryptoState, KeyKey } from './ports.ts';
import { pump } from './requests.ts';
import type { MachineDevice } from './requests.ts';
import { createShares } from './shares.ts';
import type { Audience, Shares } from './shares.ts';
import { signDevice } from './signing.ts';
import { WrongSender } from './wrong-sender.ts';

/** Where a machine keeps its keys. */
export interface MachineStore {
  open(): Promise<StoreHandle>;
  /** After the machine was closed: forgets what is in memory. */
  close(): void;
}

/** What a device's `/sync` says about keys. */
export interface SyncedKeys extends DeviceChanges {
  readonly toDevice: readonly JsonObject[];
  readonly counts: Readonly<Record<string, number>>;
  readonly fallbacks?: readonly string[];
}

/** Users whose devices aren't those that we know. */
export interface DeviceChanges {
  readonly changed: readonly string[];
  readonly left: readonly string[];
}

export interface MachineOptions {
  readonly device: MachineDevice;
  readonly store: MachineStore;
  readonly identities: Pick<CryptoState, 'identity' | 'saveIdentity'>;
  readonly log: Logger;
}

/**
 * One device of ours that encrypts and decrypts: the crypto module's machine, and its requests to the homeserver. What
 * makes requests is done in turn, as the module wants it; reading waits for none of them.
 */
export class Machine {
  readonly device: MachineDevice;
  readonly #options: MachineOptions;
  readonly #machine: OlmMachine;
  readonly #shares: Shares;
  readonly #inTurn = createTurns();
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  private constructor(options: MachineOptions, machine: OlmMachine) {
    this.device = options.device;
    this.#options = options;
    this.#machine = machine;
    this.#shares = createShares(machine, options.device);
  }

  static async open(options: MachineOptions): Promise<Machine> {
    const { as } = options.device;
    await initAsync();
    const handle = await options.store.open();
    try {
      const ids = [new UserId(as.user), new DeviceId(as.device)] as const;
      const machine = await OlmMachine.initFromStore(...ids, handle, cryptoModuleLogger(options.log));
      machine.roomKeyRequestsEnabled = false;
      machine.roomKeyForwardingEnabled = false;
      return new Machine(options, machine);
    } catch (error) {
      options.store.close();
      throw error;
    }
  }

  /** Nothing of this machine may be used any more, though it may still be closing. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Base64 of the key that people compare when they verify the device. */
  get fingerprint(): string {
    return this.#machine.identityKeys.ed25519.toBase64();
  }

  /** @throws like {@link signDevice} */
  sign(): Promise<void> {
    return this.#alone(() => signDevice(this.#machine, this.device, this.#options.identities));
  }

  /** The content of an encrypted event; shares the room key first with those who should have it and don't. */
  encrypt(room: RoomId, type: string, content: JsonObject, audience: Audience): Promise<JsonObject> {
    return this.#alone(async () => {
      await this.#shares.ensure(room, audience);
      const text = await this.#machine.encryptRoomEvent(
        new ModuleRoomId(room),
        type,
        JSON.stringify(content),
      );
      const encrypted = parsed(text);
      this.#shares.used(room, encrypted['ciphertext']);
      return encrypted;
    });
  }

  /** The event inside. @throws WrongSender, and what the module throws: {@link decryptionFailure} */
  async decrypt(event: JsonObject, room: RoomId): Promise<JsonObject> {
    return this.#tracked(async () => {
      const settings = new DecryptionSettings(TrustRequirement.Untrusted);
      const found = await this.#machine.decryptRoomEvent(
        JSON.stringify(event),
        new ModuleRoomId(room),
        settings,
      );
      if (found.shieldState(false).code === ShieldStateCode.MismatchedSender) throw new WrongSender();
      return parsed(found.event);
    });
  }

  /** Takes in what came; when it resolves, that is stored. */
  async receive({ toDevice, counts, fallbacks, ...lists }: SyncedKeys): Promise<void> {
    if (lists.changed.length > 0) this.#shares.devicesChanged();
    await this.#lookAt(new Set(toDevice.flatMap((event) => textAt(event, 'sender') ?? [])));
    await this.#tracked(() =>
      this.#machine.receiveSyncChanges(
        JSON.stringify(toDevice),
        deviceLists(lists),
        new Map(Object.entries(counts)),
        fallbacks && new Set(fallbacks),
        new DecryptionSettings(TrustRequirement.Untrusted),
      ),
    );
  }

  /** A key is only known to be of somebody whose devices are: else anybody's could be passed off for theirs. */
  async #lookAt(users: ReadonlySet<string>): Promise<void> {
    if (users.size === 0) return;
    await this.#tracked(() => this.#machine.updateTrackedUsers(moduleUsers(users)));
    await this.pump().catch((error: unknown) => {
      if (!(error instanceof TryLater) && !isRefusal(error)) throw error; // the next time
    });
  }

  /** For a device that isn't told anything itself. */
  async devicesChanged(lists: DeviceChanges): Promise<void> {
    if (lists.changed.length > 0) this.#shares.devicesChanged();
    await this.#tracked(() =>
      this.#machine.receiveSyncChangesMsc4186('[]', deviceLists(lists), new Map<string, number>()),
    );
  }

  /** Makes the requests that became due. */
  pump(): Promise<void> {
    return this.#alone(() => pump(this.#machine, this.device));
  }

  /** `listener` is told of keys that came, or of which their senders said that they won't. */
  onKeys(listener: (keys: readonly KeyKey[]) => void): void {
    const tell = async (found: readonly { readonly roomId: ModuleRoomId; readonly sessionId: string }[]) =>
      listener(found.map(({ roomId, sessionId }) => keyOf(roomId.toString(), sessionId)));
    this.#machine.registerRoomKeyUpdatedCallback(tell);
    this.#machine.registerRoomKeysWithheldCallback(tell);
  }

  /** Ends it: what was begun fails with TryLater, and gives nothing away. Resolves when its store can be opened again. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    this.#machine.close();
    await nextTurn(); // the module ends its transactions in a later turn
    this.#options.store.close();
  }

  /** Nothing that it does from now on is kept; another machine goes on from what was. */
  #break(error: unknown): void {
    this.#options.log.error('the crypto module failed', { user: this.device.as.user, error });
    if (this.#closed) return;
    this.#closed = true;
    this.#options.store.close();
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn('', () => this.#tracked(work));
  }

  async #tracked<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw closedNow();
    const running = work();
    this.#running.add(running);
    try {
      const result = await running;
      if (this.#closed) throw closedNow();
      return result;
    } catch (error) {
      if (isPanic(error)) this.#break(error);
      throw this.#closed ? closedNow() : error;
    } finally {
      this.#running.delete(running);
    }
  }
}

/** The module's code ended in the middle: what it had locked stays so. */
function isPanic(error: unknown): boolean {
  return error instanceof Error && error.name === 'RuntimeError';
}

function closedNow(): TryLater {
  return new TryLater('the device that encrypts was closed meanwhile', { after: 1000 });
}

function deviceLists({ changed, left }: DeviceChanges): DeviceLists {
  return new DeviceLists(moduleUsers(changed), moduleUsers(left));
}

function parsed(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new Error('The crypto module gave what is no object');
  return value;
}
