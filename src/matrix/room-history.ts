import { TryLater } from '../errors.ts';
import type { RoomId } from '../ids.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { objectsAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';

/** Some events of a room, in the order of the direction in which they were asked for. */
export interface HistoryPage {
  readonly events: readonly JsonObject[];
  /** Where the next page begins; absent at the end of what the bot may read. */
  readonly next: string | undefined;
}

/** A room's events as the homeserver keeps them. Both throw `Refusal` where the bot may not read them, and `TryLater`. */
export interface RoomHistory {
  /** From the newest one, or from where a page ended, towards older ones. */
  older(room: RoomId, from?: string): Promise<HistoryPage>;
  /** From where a page of older ones ended, towards newer ones: first that page's own events. */
  newer(room: RoomId, from: string): Promise<HistoryPage>;
}

/** Events are up to 64 KiB, and one page is held at a time. */
const pageSize = 100;

/** @see https://spec.matrix.org/latest/client-server-api/#get_matrixclientv3roomsroomidmessages */
export function createRoomHistory(client: HomeserverClient, bot: () => Promise<Acting>): RoomHistory {
  async function page(room: RoomId, dir: 'b' | 'f', from: string | undefined): Promise<HistoryPage> {
    const answer = await client.call({
      name: 'history',
      method: 'GET',
      path: ['client', 'v3', 'rooms', room, 'messages'],
      query: { dir, from, limit: pageSize },
      as: await bot(),
      room,
    });
    if (!Array.isArray(answer['chunk']))
      throw new TryLater('the homeserver answered without a list of events', { target: 'matrix' });
    const next = textAt(answer, 'end');
    // some homeservers name the end as the place where it goes on: there a reading would never end
    return { events: objectsAt(answer, 'chunk'), next: next === from ? undefined : next };
  }
  return {
    older: (room, from) => page(room, 'b', from),
    newer: (room, from) => page(room, 'f', from),
  };
}
