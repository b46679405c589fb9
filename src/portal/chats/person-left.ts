import type { PortalContext } from '../context.ts';
import { unlink } from '../link.ts';
import type { Portal } from '../ports.ts';
import type { MemberEvent } from './words.ts';

/**
 * Somebody left a chat's room. When nobody with a login is left in it, nobody there could read or answer: the room's time is
 * over, and what is said in Slack from then on makes a new one.
 */
export async function personLeft(
  context: PortalContext,
  portal: Portal,
  { event, room, user }: MemberEvent,
): Promise<void> {
  const { matrix, puppets } = context;
  const { team } = portal.channels[0];
  const left = await matrix.joinedMembers(room);
  if (left.some((each) => each !== user && puppets.ofMatrixUser(each, team) !== undefined)) return;
  await unlink(context, portal, user);
  await matrix.leave(room, matrix.bot);
  context.log.info('Nobody with a login is left in a chat’s room', { portal: portal.id, event });
}
