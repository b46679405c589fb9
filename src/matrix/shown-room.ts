import { TryLater } from '../errors.ts';
import type { MatrixReaction } from '../events.ts';
import type { EventId, RoomId } from '../ids.ts';
import type { Acting, HomeserverClient } from './call.ts';
import type { JsonObject } from './json.ts';
import { bridging, isRefusal } from './refusal.ts';
import { readReactions } from './relations.ts';
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
  /** What people's reactions to an event say. */
  reactions(room: RoomId, event: EventId): Promise<readonly MatrixReaction[]>;
}

interface Parts {
  readonly client: HomeserverClient;
  readonly asBot: () => Promise<Acting>;
  /** Whether we did what an event says. */
  readonly isOwn: (event: JsonObject) => boolean;
}

export function createShownRoom(history: RoomHistory, parts: Parts): ShownRoom {
  const { client, asBot, isOwn } = parts;
  return {
    async events(room, from, visit, signal) {
      const each = async (events: readonly JsonObject[]): Promise<void> => visit(events);
      await bridging('read the room', () => readGap({ history, room, from, isOwn, visit: each, signal }));
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
    reactions: (room, event) =>
      bridging('read the reactions', async () => {
        const standing = await readReactions(client, await asBot(), room, event);
        return standing.filter(({ raw }) => !isOwn({ room_id: room, ...raw }));
      }),
  };
}
