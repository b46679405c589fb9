import type { RoomId } from '../../ids.ts';
import { BoundedMap } from '../bounded-map.ts';
import { countAt, isObject, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { RoomState } from '../state.ts';
import type { Rotation } from './shares.ts';

/** How a room is encrypted, by its `m.room.encryption`. */
export interface RoomEncryption {
  readonly algorithm: string;
  readonly rotation: Rotation;
}

export interface EncryptedRooms {
  /** `undefined` where the room isn't encrypted. @throws TryLater and Refusal of the homeserver */
  settings(room: RoomId): Promise<RoomEncryption | undefined>;
  /** Whether it is known not to be encrypted. Asks nobody. */
  isClear(room: RoomId): boolean;
  /** Learns of the state; what tells nothing of the algorithm is reason to ask. */
  saw(room: RoomId, content: JsonObject): void;
  /** Rooms that weren't encrypted may be now. */
  doubt(): void;
}

/** The only one there is. @see https://spec.matrix.org/latest/client-server-api/#mmegolmv1aes-sha2 */
export const knownAlgorithm = 'm.megolm.v1.aes-sha2';

const mostRemembered = 20_000;
const week = 7 * 24 * 60 * 60_000;
/** Less isn't worth the traffic: clients bound it, too. */
const leastMilliseconds = 60 * 60_000;

/**
 * Which rooms are encrypted. State can be replaced but never removed: where it is, the room is encrypted, whatever it says
 * by now.
 */
export function createEncryptedRooms(state: Pick<RoomState, 'content'>): EncryptedRooms {
  const encrypted = new BoundedMap<RoomId, RoomEncryption>(mostRemembered);
  let clear = new BoundedMap<RoomId, true>(mostRemembered);
  const asked = new Map<RoomId, Promise<JsonObject | undefined>>();

  function ask(room: RoomId): Promise<JsonObject | undefined> {
    const running = state.content(room, 'm.room.encryption', '');
    asked.set(room, running);
    return running;
  }

  return {
    async settings(room) {
      for (;;) {
        const known = encrypted.get(room);
        if (known || clear.get(room)) return known;
        const running = asked.get(room) ?? ask(room);
        const content = await running.catch((error: unknown) => {
          if (asked.get(room) === running) asked.delete(room);
          throw error;
        });
        if (asked.get(room) !== running) continue; // somebody saw something younger
        asked.delete(room);
        if (content === undefined) clear.set(room, true);
        else encrypted.set(room, settingsOf(content));
      }
    },
    isClear: (room) => clear.get(room) === true,
    saw(room, content) {
      clear.delete(room);
      asked.delete(room);
      if (textAt(content, 'algorithm') === undefined) encrypted.delete(room);
      else encrypted.set(room, settingsOf(content));
    },
    doubt() {
      clear = new BoundedMap(mostRemembered);
      asked.clear();
    },
  };
}

/** Without an algorithm the state was emptied, or redacted, by somebody who would have liked it off. */
function settingsOf(content: JsonObject): RoomEncryption {
  const milliseconds = Math.max(countAt(content, 'rotation_period_ms') ?? week, leastMilliseconds);
  const messages = Math.max(countAt(content, 'rotation_period_msgs') ?? 100, 1);
  return {
    algorithm: textAt(content, 'algorithm') ?? knownAlgorithm,
    rotation: { milliseconds, messages },
  };
}

/** The content of an event that says that the room is encrypted. */
export function encryptionIn(event: JsonObject): JsonObject | undefined {
  if (event['type'] !== 'm.room.encryption' || event['state_key'] !== '') return undefined;
  return isObject(event['content']) ? event['content'] : {};
}
