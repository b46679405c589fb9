import type { MatrixUserId, MxcUri, RoomId } from '../ids.ts';
import type { RoomState } from './state.ts';

/** Gives a room that the bot made this picture, unless somebody else set one, or removed it, there. */
export async function showRoomPicture(
  state: Pick<RoomState, 'event' | 'set'>,
  bot: MatrixUserId,
  room: RoomId,
  picture: MxcUri,
): Promise<void> {
  const shown = await state.event(room, 'm.room.avatar', '');
  if (shown && (shown.sender !== bot || shown.content['url'] === picture)) return;
  const made = await state.event(room, 'm.room.create', '');
  if (made?.sender === bot) await state.set(room, 'm.room.avatar', '', { url: picture });
}
