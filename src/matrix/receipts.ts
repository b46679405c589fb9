import { eventId, InvalidId, matrixUserId, roomId } from '../ids.ts';
import type { EventId, MatrixUserId, RoomId } from '../ids.ts';
import { isObject, numberAt, objectAt, objectsAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';

/** Somebody has read a room up to an event, and lets all see it. */
export interface ReadReceipt {
  readonly room: RoomId;
  readonly user: MatrixUserId;
  readonly event: EventId;
  /** When, in milliseconds, as their server says. */
  readonly at: number;
  /** Of which thread they read so far, by its root; absent: the main timeline, or everything. */
  readonly thread?: string;
}

/** The stable name, and that of homeservers before it. */
const ephemeralKeys = ['ephemeral', 'de.sorunome.msc2409.ephemeral'] as const;

/**
 * The public read receipts in a transaction's content. What can't be read is left out: nothing depends on a receipt.
 * @see https://spec.matrix.org/latest/application-service-api/#pushing-ephemeral-data
 */
export function readReceipts(content: JsonObject): readonly ReadReceipt[] {
  const key = ephemeralKeys.find((name) => content[name] !== undefined);
  if (key === undefined) return [];
  const found: ReadReceipt[] = [];
  for (const each of objectsAt(content, key)) {
    if (each['type'] !== 'm.receipt') continue;
    for (const [event, kinds] of Object.entries(objectAt(each, 'content'))) {
      const readers = isObject(kinds) ? objectAt(kinds, 'm.read') : {};
      for (const [user, told] of Object.entries(readers))
        if (isObject(told)) found.push(...receiptOf({ room: each['room_id'], user, event }, told));
    }
  }
  return found;
}

function receiptOf(
  ids: { readonly room: unknown; readonly user: unknown; readonly event: unknown },
  told: JsonObject,
): readonly ReadReceipt[] {
  const thread = textAt(told, 'thread_id');
  try {
    return [
      {
        room: roomId(ids.room),
        user: matrixUserId(ids.user),
        event: eventId(ids.event),
        at: numberAt(told, 'ts') ?? 0,
        ...(thread !== undefined && thread !== 'main' && { thread }),
      },
    ];
  } catch (error) {
    if (error instanceof InvalidId) return [];
    throw error;
  }
}
