import type { MatrixEvent } from '../../events.ts';
import type { CommandPort, PortalContext } from '../context.ts';
import { placeOf } from '../direct-chat.ts';
import { pausePortal, resumePortal } from '../pause.ts';
import type { Portal } from '../ports.ts';

type Member = Extract<MatrixEvent, { readonly type: 'member' }>;

/**
 * Somebody's membership: the bot's own, and whoever leaves a paused portal's room, for that may be another bridge's bot.
 * Ghosts' memberships are the adapter's concern.
 */
export async function memberChanged(
  context: PortalContext,
  commands: CommandPort,
  event: Member,
): Promise<void> {
  const { matrix, metrics } = context;
  if (matrix.isOurs(event.sender)) return metrics.ignored('matrix', 'member');
  const isBot = event.user === matrix.bot;
  if (isBot && event.membership === 'invite') return invited(context, commands, event);
  const left = event.membership === 'leave' || event.membership === 'ban';
  const portal = left ? context.portals.byRoom(event.room) : undefined;
  if (!portal) return metrics.ignored('matrix', 'member');
  if (isBot) return sentAway(context, portal, event);
  if (portal.status !== 'paused' || matrix.isOurs(event.user)) return metrics.ignored('matrix', 'member');
  await resumePortal(context, portal, event.event);
}

/** Whoever may use the bridge may bring its bot along; anybody else's invitation is declined. */
async function invited(context: PortalContext, commands: CommandPort, event: Member): Promise<void> {
  const { matrix, permissionOf, metrics } = context;
  const permission = permissionOf(event.sender);
  if (permission !== 'user' && permission !== 'admin') {
    await matrix.leave(event.room, matrix.bot);
    return metrics.ignored('matrix', 'invite-not-permitted');
  }
  await matrix.join(event.room);
  const portal = context.portals.byRoom(event.room);
  if (portal) await resumePortal(context, portal, event.event);
  else {
    const { room, sender: asker, event: id } = event;
    const place = event.direct ? 'direct' : await placeOf(context, room);
    await commands.greet({ room, asker, event: id, place });
  }
}

async function sentAway(context: PortalContext, portal: Portal, event: Member): Promise<void> {
  const message = `The bridge's bot ${context.matrix.bot} was removed from the room by ${event.sender}. Invite it to go on.`;
  await pausePortal(context, portal, { kind: 'bot-removed', message }, event.event);
}
