import {
  CollectStrategy,
  EncryptionAlgorithm,
  EncryptionSettings,
  HistoryVisibility,
  RoomId as ModuleRoomId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import type { OlmMachine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { MatrixUserId, RoomId } from '../../ids.ts';
import { BoundedMap } from '../bounded-map.ts';
import { messageIndex } from './message-index.ts';
import { moduleUsers } from './module-ids.ts';
import { pump, sendRequest } from './requests.ts';
import type { MachineDevice } from './requests.ts';

/** Who is to read what is written in a room, and how long one key is used. */
export interface Audience {
  /** Another object whenever they changed. */
  readonly users: ReadonlySet<MatrixUserId>;
  readonly visibility: 'invited' | 'joined' | 'shared' | 'world_readable';
  readonly rotation: Rotation;
}

export interface Rotation {
  readonly milliseconds: number;
  readonly messages: number;
}

/** Who has a device's room keys. */
export interface Shares {
  /** Shares the room's key with all devices of the audience, a new key where it is time for one. */
  ensure(room: RoomId, audience: Audience): Promise<void>;
  /** A message was encrypted. */
  used(room: RoomId, ciphertext: unknown): void;
  /** Somebody's devices did. */
  devicesChanged(): void;
}

interface Share {
  readonly audience: Audience;
  /** When it is to be looked at again, whatever happens. */
  readonly until: number;
  /** So many messages were encrypted with the key. */
  messages: number;
}

const mostRemembered = 200;
/** A key's age is known to the module only: how much later than due a new one may come. */
const goodFor = 10 * 60_000;

/**
 * To ask the module for each message whether all devices have the key costs several times what encrypting it does, so the
 * answer is remembered until members or devices change, or the key has been used often enough.
 */
export function createShares(
  machine: OlmMachine,
  device: MachineDevice,
  now: () => number = () => performance.now(),
): Shares {
  let known = new BoundedMap<RoomId, Share>(mostRemembered);

  const isGood = (share: Share | undefined, audience: Audience): boolean =>
    share !== undefined &&
    isSame(share.audience, audience) &&
    share.messages < audience.rotation.messages &&
    now() < share.until;

  return {
    async ensure(room, audience) {
      if (isGood(known.get(room), audience)) return;
      known.delete(room);
      const then = known;
      await share(machine, device, room, audience);
      if (then !== known) return; // devices changed meanwhile
      const until = now() + Math.min(goodFor, audience.rotation.milliseconds / 10);
      known.set(room, { audience, until, messages: 0 });
    },
    used(room, ciphertext) {
      const share = known.get(room);
      if (share) share.messages = messageIndex(ciphertext) + 1;
    },
    devicesChanged() {
      known = new BoundedMap(mostRemembered);
    },
  };
}

function isSame(one: Audience, other: Audience): boolean {
  return one.users === other.users && one.visibility === other.visibility && one.rotation === other.rotation;
}

async function share(
  machine: OlmMachine,
  device: MachineDevice,
  room: RoomId,
  audience: Audience,
): Promise<void> {
  const users = (): UserId[] => moduleUsers(audience.users);
  await machine.updateTrackedUsers(users());
  await pump(machine, device);
  const claim = await machine.getMissingSessions(users());
  if (claim) await sendRequest(machine, device, claim);
  const requests = await machine.shareRoomKey(new ModuleRoomId(room), users(), settingsOf(audience));
  for (const request of requests) await sendRequest(machine, device, request);
}

function settingsOf({ visibility, rotation }: Audience): EncryptionSettings {
  const settings = new EncryptionSettings();
  settings.algorithm = EncryptionAlgorithm.MegolmV1AesSha2;
  settings.rotationPeriod = BigInt(rotation.milliseconds) * 1000n; // in microseconds
  settings.rotationPeriodMessages = BigInt(rotation.messages);
  settings.historyVisibility = visibilities[visibility];
  settings.sharingStrategy = CollectStrategy.allDevices();
  return settings;
}

const visibilities = {
  invited: HistoryVisibility.Invited,
  joined: HistoryVisibility.Joined,
  shared: HistoryVisibility.Shared,
  world_readable: HistoryVisibility.WorldReadable,
} as const;
