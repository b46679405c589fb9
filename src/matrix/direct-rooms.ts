import { CannotBridge } from '../errors.ts';
import type { MatrixUserId, RoomId } from '../ids.ts';
import type { MatrixPort } from '../portal/ports.ts';
import type { Acting, HomeserverClient } from './call.ts';
import type { Doubles } from './doubles.ts';
import { textsAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { createTurns } from './limit.ts';
import { bridging, isRefusal } from './refusal.ts';

/** Direct chats as the clients of people of this homeserver show them. */
export function createDirectRooms(
  client: HomeserverClient,
  doubles: Doubles,
): Pick<MatrixPort, 'markDirect' | 'joinDirect'> {
  const inTurn = createTurns();

  /** Clients keep the whole list in one place: what stands there stays. */
  async function mark(as: Acting, room: RoomId, other: MatrixUserId): Promise<void> {
    const path = ['client', 'v3', 'user', as.user, 'account_data', 'm.direct'];
    const known: JsonObject = await client
      .call({ name: 'account-data', method: 'GET', path, as })
      .catch((error: unknown) => {
        if (isRefusal(error, 'M_NOT_FOUND')) return {};
        throw error;
      });
    const rooms = textsAt(known, other);
    if (rooms.includes(room)) return;
    const body = { ...known, [other]: [...rooms, room] };
    await client.call({ name: 'account-data', method: 'PUT', path, as, body });
  }

  return {
    markDirect: (user, room, other) =>
      inTurn(user, () => ifPossible('mark the direct chat', doubles, user, (as) => mark(as, room, other))),
    joinDirect: (user, room) =>
      ifPossible('join the direct chat', doubles, user, async (as) => {
        const path = ['client', 'v3', 'rooms', room, 'join'];
        await client.call({ name: 'join', method: 'POST', path, as, room, body: {} });
      }),
  };
}

async function ifPossible(
  doing: string,
  doubles: Doubles,
  user: MatrixUserId,
  work: (as: Acting) => Promise<void>,
): Promise<boolean> {
  if (!doubles.isPossible(user)) return false;
  try {
    await bridging(doing, () => doubles.actAs(user, work));
    return true;
  } catch (error) {
    if (error instanceof CannotBridge) return false;
    throw error;
  }
}
