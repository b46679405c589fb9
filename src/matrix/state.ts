import { InvalidId, matrixUserId } from '../ids.ts';
import type { MatrixUserId, RoomId } from '../ids.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { isObject, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import type { StateEvent } from './power.ts';
import { isRefusal } from './refusal.ts';

/** Reads and writes rooms' state as the bot. */
export interface RoomState {
  /** `undefined` where there is no such state. */
  content(room: RoomId, type: string, stateKey: string): Promise<JsonObject | undefined>;
  /** With its sender. */
  event(room: RoomId, type: string, stateKey: string): Promise<StateEvent | undefined>;
  /** All of it. In a room of thousands of members that is megabytes: not for what happens often. */
  all(room: RoomId): Promise<readonly StateEvent[]>;
  /** `as`: absent: the bot. */
  set(room: RoomId, type: string, stateKey: string, content: JsonObject, as?: Acting): Promise<void>;
}

export function createRoomState(client: HomeserverClient, bot: () => Promise<Acting>): RoomState {
  async function read(
    room: RoomId,
    type: string,
    stateKey: string,
    query: Readonly<Record<string, string>>,
  ): Promise<JsonObject | undefined> {
    try {
      return await client.call({
        name: 'state',
        method: 'GET',
        path: ['client', 'v3', 'rooms', room, 'state', type, stateKey],
        query,
        as: await bot(),
        room,
      });
    } catch (error) {
      if (isRefusal(error, 'M_NOT_FOUND')) return undefined;
      throw error;
    }
  }

  async function all(room: RoomId): Promise<readonly StateEvent[]> {
    const events = await client.callList({
      name: 'state',
      method: 'GET',
      path: ['client', 'v3', 'rooms', room, 'state'],
      as: await bot(),
      room,
    });
    return events.flatMap((event) => stateEvent(event) ?? []);
  }

  return {
    content: (room, type, stateKey) => read(room, type, stateKey, {}),
    event: async (room, type, stateKey) => {
      const answer = await read(room, type, stateKey, { format: 'event' });
      if (answer === undefined) return undefined;
      // A homeserver that doesn't know `format` answers with the content alone.
      const event = stateEvent(answer);
      if (event?.type === type) return event;
      return (await all(room)).find((event) => event.type === type && event.stateKey === stateKey);
    },
    all,
    set: async (room, type, stateKey, content, as) => {
      await client.call({
        name: 'set-state',
        method: 'PUT',
        path: ['client', 'v3', 'rooms', room, 'state', type, stateKey],
        as: as ?? (await bot()),
        room,
        body: content,
      });
    },
  };
}

function stateEvent(event: JsonObject): StateEvent | undefined {
  const type = textAt(event, 'type');
  const sender = textAt(event, 'sender');
  const stateKey = textAt(event, 'state_key');
  const content = event['content'];
  if (type === undefined || sender === undefined || stateKey === undefined || !isObject(content)) {
    return undefined;
  }
  return { type, sender, stateKey, content };
}

/** The id, or nothing where it is none: state can hold anything. */
export function userIn(value: unknown): MatrixUserId | undefined {
  try {
    return matrixUserId(value);
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
}
