import { setTimeout as sleep } from 'node:timers/promises';
import { TryLater } from '../../errors.ts';
import type { MatrixUserId } from '../../ids.ts';
import type { Logger } from '../../log.ts';
import type { HomeserverClient } from '../call.ts';
import { objectAt, objectsAt, textAt, textsAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { isRefusal } from '../refusal.ts';
import { userIn } from '../state.ts';
import type { Devices } from './devices.ts';
import type { SyncedKeys } from './machine.ts';
import type { CryptoState } from './ports.ts';
import { DeviceGone, EncryptionTrouble } from './trouble.ts';

interface ToDeviceOptions {
  readonly client: HomeserverClient;
  readonly bot: MatrixUserId;
  readonly devices: Pick<Devices, 'use' | 'devicesChanged'>;
  readonly state: Pick<CryptoState, 'since' | 'saveSince'>;
  /** What came is stored: room keys among it can be used. */
  readonly onSynced: (synced: Synced) => void;
  /** It doesn't work at present. */
  readonly onFailed: (error: unknown) => void;
  readonly log: Logger;
}

export interface ToDevice {
  /**
   * Resolves when it is known whose devices changed up to now; from then on that is known within moments. Rejects with
   * what kept it from being read.
   */
  current(): Promise<void>;
  /** Closed machines are told, too, that this user's devices may have changed. */
  note(user: MatrixUserId): void;
  /** What is being read is dropped: it comes again. */
  stop(): void;
}

export interface Synced {
  readonly device: string;
  readonly fingerprint: string;
  /** One-time keys of the bot's device on the homeserver. */
  readonly oneTimeKeys: number;
}

/** Nothing of rooms: their events come by transactions. */
const filter = JSON.stringify({ room: { rooms: [] }, presence: { types: [] }, account_data: { types: [] } });
const longPoll = 30_000;
const patience = 90_000;
const shortestPause = 1000;
const longestPause = 60_000;
/** While nothing is encrypted. */
const rest = 10 * 60_000;

/**
 * Reads what other devices send to the bot's, for ever: the keys of what people write. By `/sync`, not by transactions: a
 * homeserver drops these messages when a transaction with them fails, and they come only once. The position is saved after
 * they are stored; read again, they are recognised. A homeserver looks at each event of the bot's rooms while it holds a
 * request, so it is asked now and then only, until somebody asks what is `current`.
 */
export function startToDevice(options: ToDeviceOptions): ToDevice {
  const noted = new Set<MatrixUserId>();
  const stopped = new AbortController();
  const { signal } = stopped;
  let awake = false;
  let isCurrent = false;
  let waiting: PromiseWithResolvers<void> | undefined;
  let nap = new AbortController();

  async function pauseFor(milliseconds: number): Promise<void> {
    nap = new AbortController();
    if (signal.aborted) return;
    await sleep(milliseconds, undefined, { signal: nap.signal, ref: false }).catch(() => undefined);
  }

  async function run(): Promise<void> {
    let pause = shortestPause;
    while (!signal.aborted) {
      try {
        await syncOnce(options, signal, noted, isCurrent ? longPoll : 0);
        pause = shortestPause;
        isCurrent = awake;
        waiting?.resolve();
        waiting = undefined;
        if (!awake) await pauseFor(rest);
      } catch (error) {
        isCurrent = false;
        waiting?.reject(error);
        waiting = undefined;
        if (signal.aborted) return;
        options.onFailed(error);
        await pauseFor(pauseAfter(error) ?? pause);
        pause = Math.min(pause * 2, longestPause);
      }
    }
  }

  run().catch((error: unknown) => options.log.error('reading what devices send failed', { error }));
  return {
    async current() {
      if (isCurrent || signal.aborted) return;
      awake = true;
      waiting ??= Promise.withResolvers<void>();
      nap.abort();
      await waiting.promise;
    },
    note: (user) => void noted.add(user),
    stop() {
      stopped.abort();
      nap.abort();
      waiting?.reject(new TryLater('this process encrypts no more', { after: 1000 }));
    },
  };
}

function pauseAfter(error: unknown): number | undefined {
  return error instanceof TryLater ? error.after : undefined;
}

async function syncOnce(
  options: ToDeviceOptions,
  signal: AbortSignal,
  noted: Set<MatrixUserId>,
  wait: number,
): Promise<void> {
  const { bot, devices, state } = options;
  await devices.use(bot, async (machine) => {
    const { device } = machine.device.as;
    const since = await state.since(bot, device);
    const answer = await sync(options, device, since, wait);
    if (signal.aborted) return;
    const keys = keysIn(answer);
    await machine.receive(keys);
    await devices.devicesChanged(keys);
    const next = textAt(answer, 'next_batch') ?? since;
    const changed = [...noted, ...keys.changed.flatMap((user) => userIn(user) ?? [])];
    if (next !== undefined && (next !== since || changed.length > 0)) {
      await state.saveSince(bot, device, next, changed);
      for (const user of changed) noted.delete(user);
    }
    options.onSynced({
      device,
      fingerprint: machine.fingerprint,
      oneTimeKeys: keys.counts['signed_curve25519'] ?? 0,
    });
    await machine.pump();
  });
}

async function sync(
  { client, bot }: ToDeviceOptions,
  device: string,
  since: string | undefined,
  wait: number,
): Promise<JsonObject> {
  try {
    return await client.call({
      name: 'sync',
      method: 'GET',
      path: ['client', 'v3', 'sync'],
      query: { filter, since, timeout: since === undefined ? 0 : wait, set_presence: 'offline' },
      as: { user: bot, device },
      timeout: patience,
    });
  } catch (error) {
    if (isRefusal(error, 'M_UNKNOWN_DEVICE')) throw new DeviceGone(bot, device);
    if (!isRefusal(error)) throw error;
    throw new EncryptionTrouble(
      `The homeserver refuses /sync for ${bot} (${error.code}: ${error.message}), by which the keys of encrypted messages come. The bot must not be the sender_localpart of the registration: make a new registration, give it to the homeserver and restart that.`,
      { cause: error },
    );
  }
}

function keysIn(answer: JsonObject): SyncedKeys {
  const lists = objectAt(answer, 'device_lists');
  const counts = Object.entries(objectAt(answer, 'device_one_time_keys_count'));
  return {
    toDevice: objectsAt(objectAt(answer, 'to_device'), 'events'),
    changed: textsAt(lists, 'changed'),
    left: textsAt(lists, 'left'),
    counts: Object.fromEntries(counts.flatMap(([name, n]) => (typeof n === 'number' ? [[name, n]] : []))),
    ...('device_unused_fallback_key_types' in answer && {
      fallbacks: textsAt(answer, 'device_unused_fallback_key_types'),
    }),
  };
}
