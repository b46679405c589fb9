import { CannotBridge } from '../errors.ts';
import type { MatrixUserId, RoomId } from '../ids.ts';
import type { CommandPlace, PortalContext } from './context.ts';

/**
 * Whether a room is a chat of one person and the bot: only the two of them are in it, it has no name of its own, and it
 * isn't linked. A room that somebody named is meant to be one, even while nobody else is there.
 */
export async function placeOf(
  { matrix, portals }: Pick<PortalContext, 'matrix' | 'portals'>,
  room: RoomId,
): Promise<CommandPlace> {
  if (portals.byRoom(room)) return 'room';
  const members = await membersOf(matrix, room);
  if (members.length !== 2 || !members.includes(matrix.bot)) return 'room';
  const name = (await matrix.state(room, 'm.room.name', ''))?.['name'];
  return typeof name === 'string' && name.trim() !== '' ? 'room' : 'direct';
}

/** Nobody, as far as the bot knows, in a room that it isn't in: ghosts that stayed behind still hear what is said there. */
async function membersOf(matrix: PortalContext['matrix'], room: RoomId): Promise<readonly MatrixUserId[]> {
  try {
    return await matrix.joinedMembers(room);
  } catch (error) {
    if (error instanceof CannotBridge) return [];
    throw error;
  }
}
