import { setTimeout as sleep } from 'node:timers/promises';
import { CannotStart, TryLater } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { HomeserverClient } from '../call.ts';
import type { MatrixUserId } from '../../ids.ts';
import { isRefusal } from '../refusal.ts';
import type { Devices } from './devices.ts';
import { answerWith } from './handed-over.ts';
import type { LocalCrypto } from './local-crypto.ts';
import type { CryptoHandover, CryptoHealth, CryptoLeadership, CryptoState } from './ports.ts';
import { startToDevice } from './to-device.ts';
import type { Synced, ToDevice } from './to-device.ts';
import { EncryptionTrouble } from './trouble.ts';

interface LeadingOptions {
  readonly client: HomeserverClient;
  readonly bot: MatrixUserId;
  readonly devices: Devices;
  readonly local: LocalCrypto;
  readonly cryptoState: CryptoState;
  readonly leadership: CryptoLeadership;
  readonly handover: CryptoHandover;
  readonly log: Logger;
}

/** What a process does while it has the machines. */
export interface Leading {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** As of {@link ToDevice}. */
  current(): Promise<void>;
  /** What is known of this user's devices may be outdated, without anybody having told us. */
  doubtDevices(user: MatrixUserId): Promise<void>;
  /** Something that an administrator has to change was found. */
  trouble(words: string): void;
  health(): Pick<CryptoHealth, 'leads' | 'trouble' | 'device'>;
}

/** A machine may wait for the homeserver; what comes of that is dropped. */
const patience = 5000;
/** What keeps encryption from working is found again within this time, as long as it is there. */
const troubleLasts = 3 * 60_000;

export function createLeading(options: LeadingOptions): Leading {
  const { devices, handover, leadership, local, log } = options;
  const status = createStatus(options);
  let toDevice: ToDevice | undefined;

  async function end(): Promise<void> {
    toDevice?.stop();
    toDevice = undefined;
    status.ended();
    const closed = Promise.all([devices.closeAll(), handover.stopServing()]);
    await Promise.race([closed, sleep(patience, undefined, { ref: false })]);
  }

  leadership.onGained(() => {
    toDevice?.stop();
    const onSynced = (now: Synced): void => status.synced(now);
    const onFailed = (error: unknown): void => status.failed(error);
    toDevice = startToDevice({ ...options, state: options.cryptoState, onSynced, onFailed });
    handover.serve(answerWith(local));
  });
  leadership.onLost(() => {
    end().catch((error: unknown) => log.error('machines could not be closed', { error }));
  });

  return {
    start: () => leadership.start(),
    stop: async () => {
      await end();
      await leadership.stop();
    },
    current: async () => toDevice?.current(),
    async doubtDevices(user) {
      if (!toDevice) return;
      toDevice.note(user);
      await devices.devicesChanged({ changed: [user], left: [] }, 'all');
    },
    trouble: status.trouble,
    health: () => ({ leads: leadership.isLeader(), ...status.health() }),
  };
}

/** How the bot's device is, and what keeps it from being well. */
function createStatus({ bot, log }: Pick<LeadingOptions, 'bot' | 'log'>) {
  let device: CryptoHealth['device'];
  let found: { readonly words: string; readonly at: number } | undefined;

  function trouble(words: string): void {
    if (found?.words !== words) log.error('encrypted rooms have to wait', { reason: words });
    found = { words, at: performance.now() };
  }

  return {
    trouble,
    synced({ device: id, fingerprint, oneTimeKeys }: Synced): void {
      if (!device) found = undefined;
      // no machine is used before its device is signed
      device = { user: bot, id, signed: true, fingerprint, oneTimeKeys, synced: new Date() };
    },
    failed(error: unknown): void {
      device = undefined;
      if (error instanceof EncryptionTrouble || error instanceof CannotStart) trouble(error.message);
      else if (isRefusal(error))
        trouble(`The homeserver refuses what encryption needs (${error.code}: ${error.message}).`);
      else if (!(error instanceof TryLater)) log.error('reading what devices send failed', { error });
    },
    ended(): void {
      device = undefined;
    },
    health(): Pick<CryptoHealth, 'trouble' | 'device'> {
      const lasts = found !== undefined && performance.now() < found.at + troubleLasts;
      return { ...(lasts && { trouble: found?.words ?? '' }), ...(device && { device }) };
    },
  };
}
