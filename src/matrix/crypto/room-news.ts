import type { RoomId } from '../../ids.ts';
import { InvalidId, roomId } from '../../ids.ts';
import { isObject, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { encryptionIn } from './encrypted-rooms.ts';
import type { EncryptedRooms } from './encrypted-rooms.ts';
import type { CryptoNews } from './ports.ts';
import type { Recipients } from './recipients.ts';

interface NewsOptions {
  readonly news: CryptoNews;
  readonly rooms: EncryptedRooms;
  readonly recipients: Recipients;
  readonly isOurs: (user: string) => boolean;
  /** Whether this process is the one that needs to know who is in rooms. */
  readonly leads: () => boolean;
}

/** Follows what changes rooms' encryption, in what the homeserver sends and in what other processes were sent. */
export function followRooms(options: NewsOptions): (event: JsonObject) => void {
  const { news, rooms, recipients } = options;
  news.onNews((heard) => {
    if (isObject(heard['state'])) learn(options, heard['state']);
  });
  news.onMissed(() => {
    rooms.doubt();
    recipients.forgetAll();
  });
  return (event) => {
    const essence = essenceOf(event, options.isOurs);
    if (!essence) return;
    learn(options, essence);
    if (essence['type'] === 'm.room.encryption' || !options.leads()) news.announce({ state: essence });
  };
}

function learn({ rooms, recipients }: NewsOptions, event: JsonObject): void {
  const room = roomOf(event);
  if (room === undefined) return;
  const content = objectAt(event, 'content');
  switch (event['type']) {
    case 'm.room.encryption':
      return rooms.saw(room, content);
    case 'm.room.member':
      if (rooms.isClear(room)) return undefined;
      return recipients.saw(room, textAt(event, 'state_key') ?? '', textAt(content, 'membership'));
    case 'm.room.history_visibility':
      return recipients.forget(room);
    default:
      return undefined;
  }
}

/** What counts of an event that changes who may read a room, or that it is encrypted. */
function essenceOf(event: JsonObject, isOurs: (user: string) => boolean): JsonObject | undefined {
  const { type, state_key: key } = event;
  const place = { type, room_id: event['room_id'], state_key: key };
  const encryption = encryptionIn(event);
  if (encryption) {
    const { algorithm, rotation_period_ms, rotation_period_msgs } = encryption;
    return { ...place, content: { algorithm, rotation_period_ms, rotation_period_msgs } };
  }
  if (type === 'm.room.history_visibility' && key === '') return place;
  if (type !== 'm.room.member' || typeof key !== 'string' || isOurs(key)) return undefined;
  return { ...place, content: { membership: objectAt(event, 'content')['membership'] } };
}

function roomOf(event: JsonObject): RoomId | undefined {
  try {
    return roomId(event['room_id']);
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
}
