import { TryLater } from '../errors.ts';
import type { EventId, RoomId } from '../ids.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { objectAt, objectsAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { bridging, isRefusal } from './refusal.ts';
import { readGap } from './room-gap.ts';
import type { ReadFrom } from './room-gap.ts';
import type { RoomHistory } from './room-history.ts';

/** A room's events as the bot sees them. Throws `CannotBridge` where it may not, and `TryLater`. */
export interface ShownRoom {
  /** All since the last reading, our own too, oldest first and some at a time. */
  events(
    room: RoomId,
    from: ReadFrom,
    visit: (events: readonly JsonObject[]) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** One of them; `undefined` when it isn't there or isn't to be seen. */
  event(room: RoomId, event: EventId): Promise<JsonObject | undefined>;
  /** What people's reactions to an event say, each once. */
  reactions(room: RoomId, event: EventId): Promise<ReadonlySet<string>>;
}

interface Parts {
  readonly client: HomeserverClient;
  readonly asBot: () => Promise<Acting>;
  readonly isOurs: (user: string) => boolean;
}

export function createShownRoom(history: RoomHistory, parts: Parts): ShownRoom {
  const { client, asBot, isOurs } = parts;
  return {
    async events(room, from, visit, signal) {
      const each = async (events: readonly JsonObject[]): Promise<void> => visit(events);
      await bridging('read the room', () => readGap({ history, room, from, isOurs, visit: each, signal }));
    },
    async event(room, event) {
      const path = ['client', 'v3', 'rooms', room, 'event', event];
      try {
        return await client.call({ name: 'event', method: 'GET', path, as: await asBot(), room });
      } catch (error) {
        if (error instanceof TryLater || !isRefusal(error)) throw error;
        return undefined;
      }
    },
    reactions: (room, event) => bridging('read the reactions', () => readReactions(parts, room, event)),
  };
}

/** @see https://spec.matrix.org/latest/client-server-api/#get_matrixclientv1roomsroomidrelationseventidreltypeeventtype */
async function readReactions(
  { client, asBot, isOurs }: Parts,
  room: RoomId,
  event: EventId,
): Promise<ReadonlySet<string>> {
  const path = ['client', 'v1', 'rooms', room, 'relations', event, 'm.annotation', 'm.reaction'];
  const keys = new Set<string>();
  let from: string | undefined;
  do {
    const query = { from, limit: 100 };
    const answer = await client.call({
      name: 'relations',
      method: 'GET',
      path,
      query,
      as: await asBot(),
      room,
    });
    for (const reaction of objectsAt(answer, 'chunk')) {
      const key = textAt(objectAt(objectAt(reaction, 'content'), 'm.relates_to'), 'key');
      if (key !== undefined && !isOurs(textAt(reaction, 'sender') ?? '')) keys.add(key);
    }
    from = textAt(answer, 'next_batch');
  } while (from !== undefined);
  return keys;
}
