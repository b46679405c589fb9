import { CannotBridge, CannotStart, TryLater } from '../../errors.ts';
import type { MatrixUserId, RoomId } from '../../ids.ts';
import { InvalidId, roomId } from '../../ids.ts';
import type { Logger } from '../../log.ts';
import { objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { isRefusal } from '../refusal.ts';
import { decryptionFailure } from './decryption-error.ts';
import type { DecryptionFailure } from './decryption-error.ts';
import type { Devices } from './devices.ts';
import { knownAlgorithm } from './encrypted-rooms.ts';
import type { EncryptedRooms } from './encrypted-rooms.ts';
import { keyOf, KeyMissing } from './key-missing.ts';
import type { KeyKey } from './ports.ts';
import type { Recipients } from './recipients.ts';
import type { Unread } from './unread.ts';
import { EncryptionTrouble } from './trouble.ts';

interface LocalOptions {
  readonly bot: MatrixUserId;
  readonly devices: Devices;
  readonly rooms: EncryptedRooms;
  readonly recipients: Recipients;
  readonly unread: Unread;
  /** Resolves when what others sent our devices, and whose devices changed, is known up to now. */
  readonly current: () => Promise<void>;
  readonly onTrouble: (trouble: string) => void;
  readonly log: Logger;
}

/** Encryption with this process's own machines. */
export interface LocalCrypto {
  encrypt(as: MatrixUserId, room: RoomId, type: string, content: JsonObject): Promise<JsonObject>;
  decrypt(event: JsonObject): Promise<JsonObject>;
}

export function createLocalCrypto(options: LocalOptions): LocalCrypto {
  const { devices, rooms, recipients, log } = options;

  async function encrypt(
    as: MatrixUserId,
    room: RoomId,
    type: string,
    content: JsonObject,
  ): Promise<JsonObject> {
    const settings = await rooms.settings(room);
    if (!settings) throw new Error(`The room ${room} is not encrypted`); // nobody is asked to
    if (settings.algorithm !== knownAlgorithm) {
      const words = `the room is encrypted in a way that the bridge doesn't know (${settings.algorithm})`;
      throw new CannotBridge('unknown-encryption', words);
    }
    const [readers] = await Promise.all([recipients.of(room), options.current()]);
    return devices.use(as, (machine) =>
      machine.encrypt(room, type, content, { ...readers, rotation: settings.rotation }),
    );
  }

  return {
    encrypt: (as, room, type, content) =>
      whileItCan(options, room, () => encrypt(as, room, type, content)).catch((error: unknown) => {
        log.debug('an event could not be encrypted', { room, user: as, error });
        throw error;
      }),
    decrypt: async (event) => {
      const clear = await whileItCan(options, placeOf(event).room, () => read(options, event));
      return clearEvent(event, clear);
    },
  };
}

/** What is in the event. Its key may only wait to be fetched. @throws KeyMissing, CannotBridge */
async function read(options: LocalOptions, event: JsonObject): Promise<JsonObject> {
  const { room, session } = placeOf(event);
  const key = keyOf(room, session);
  const first = await tryToRead(options, event, room, key);
  const isMissing = 'error' in first && first.error instanceof KeyMissing;
  if (isMissing) await options.current().catch(() => undefined); // which is told where it is noticed
  const found = isMissing ? await tryToRead(options, event, room, key) : first;
  if ('inside' in found) {
    options.unread.read(key);
    return found.inside;
  }
  options.unread.failed(room, found.reason, found.error instanceof KeyMissing ? key : undefined);
  throw found.error;
}

function tryToRead(
  { bot, devices }: LocalOptions,
  event: JsonObject,
  room: RoomId,
  key: KeyKey,
): Promise<{ readonly inside: JsonObject } | DecryptionFailure> {
  return devices.use(bot, async (machine) => {
    try {
      return { inside: await machine.decrypt(event, room) };
    } catch (thrown) {
      if (thrown instanceof TryLater) throw thrown;
      return decryptionFailure(thrown, key);
    }
  });
}

/** What an administrator has to change holds up the encrypted rooms, and nothing else. */
async function whileItCan<T>(options: LocalOptions, room: RoomId, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isTrouble = error instanceof EncryptionTrouble || error instanceof CannotStart;
    if (!isTrouble && !isRefusal(error)) throw error;
    if (isTrouble) options.onTrouble(error.message);
    throw new TryLater(`it can't be encrypted now: ${error.message}`, {
      target: `room:${room}`,
      after: 60_000,
      cause: error,
    });
  }
}

/** @throws CannotBridge for what is no event that could be read */
function placeOf(event: JsonObject): { readonly room: RoomId; readonly session: string } {
  const content = objectAt(event, 'content');
  const session = textAt(content, 'session_id');
  const isKnown = textAt(content, 'algorithm') === knownAlgorithm && !('state_key' in event);
  try {
    if (isKnown && session !== undefined) return { room: roomId(event['room_id']), session };
  } catch (error) {
    if (!(error instanceof InvalidId)) throw error;
  }
  throw new CannotBridge(
    'undecryptable',
    "the bridge can't read it: it is encrypted in a way it doesn't know.",
  );
}

/**
 * The event of outside with the type and content of inside. Who sent it where and when is what the homeserver says; a
 * relation may stand outside only, where the homeserver sees it.
 */
function clearEvent(outside: JsonObject, inside: JsonObject): JsonObject {
  const type = textAt(inside, 'type') ?? '';
  const content = objectAt(inside, 'content');
  const relation = objectAt(outside, 'content')['m.relates_to'];
  return {
    ...outside,
    type,
    content: { ...(relation !== undefined && { 'm.relates_to': relation }), ...content },
  };
}
