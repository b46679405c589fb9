import type { MatrixEvent } from '../../events.ts';
import { ghostInvited } from '../chats/ghost-invited.ts';
import { personLeft } from '../chats/person-left.ts';
import type { CommandPort, PortalContext } from '../context.ts';
import { placeOf } from '../direct-chat.ts';
import { pausePortal, resumePortal } from '../pause.ts';
import type { Portal } from '../ports.ts';
import type { PortalTurn } from '../turn.ts';
import { ghostInvitedToChannel } from './channel-member.ts';
import { ghostRemoved } from './ghost-removed.ts';

type Member = Extract<MatrixEvent, { readonly type: 'member' }>;

interface MemberWork {
  readonly context: PortalContext;
  readonly commands: CommandPort;
  readonly turn: PortalTurn;
}

/**
 * Somebody's membership: the bot's own, a ghost that people remove or invite, whoever leaves a paused portal's room, for that
 * may be another bridge's bot, and whoever leaves a chat. All else of ghosts' memberships is the adapter's concern.
 */
export async function memberChanged(work: MemberWork, event: Member): Promise<void> {
  const { context } = work;
  const { matrix, metrics } = context;
  if (matrix.isOurs(event.sender)) return metrics.ignored('matrix', 'member');
  const isBot = event.user === matrix.bot;
  if (isBot && event.membership === 'invite') return invited(work, event);
  if (event.membership === 'invite' && matrix.isOurs(event.user)) return invitedGhost(work, event);
  const left = event.membership === 'leave' || event.membership === 'ban';
  const portal = left ? context.portals.byRoom(event.room) : undefined;
  if (!portal) return metrics.ignored('matrix', 'member');
  if (isBot) return sentAway(work, portal, event);
  if (matrix.isOurs(event.user)) return ghostRemoved({ ...work, portal }, event);
  if (portal.kind !== 'channel') return personLeft(context, portal, event);
  if (portal.status !== 'paused') return metrics.ignored('matrix', 'member');
  await resumePortal(context, portal, event.event);
}

async function invitedGhost(work: MemberWork, event: Member): Promise<void> {
  const portal = work.context.portals.byRoom(event.room);
  if (portal?.kind === 'channel') return ghostInvitedToChannel({ ...work, portal }, event);
  await ghostInvited(work.context, event, work.turn);
}

/** Whoever may use the bridge may bring its bot along; anybody else's invitation is declined. */
async function invited({ context, commands, turn }: MemberWork, event: Member): Promise<void> {
  const { matrix, permissionOf, metrics } = context;
  const permission = permissionOf(event.sender);
  if (permission !== 'user' && permission !== 'admin') {
    await matrix.leave(event.room, matrix.bot);
    return metrics.ignored('matrix', 'invite-not-permitted');
  }
  await matrix.join(event.room);
  const portal = context.portals.byRoom(event.room);
  if (portal) {
    context.pauses.botReturned(portal.id, turn.item.seq);
    await resumePortal(context, portal, event.event);
  } else {
    const { room, sender: asker, event: id } = event;
    const place = event.direct ? 'direct' : await placeOf(context, room);
    if (event.direct) await matrix.rememberChat(asker, room);
    await commands.greet({ room, asker, event: id, place });
  }
}

/** What is said from now on isn't meant for Slack; what was said before still is, and waits. */
async function sentAway({ context, turn }: MemberWork, portal: Portal, event: Member): Promise<void> {
  context.pauses.botLeft(portal.id, turn.item.seq);
  const message = `The bridge's bot ${context.matrix.bot} was removed from the room by ${event.sender}. Invite it to go on.`;
  await pausePortal(context, portal, { kind: 'bot-removed', message }, event.event);
}
