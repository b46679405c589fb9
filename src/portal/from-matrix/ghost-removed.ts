import { CannotBridge } from '../../errors.ts';
import type { MatrixEvent } from '../../events.ts';
import { textDoc } from '../../format/doc.ts';
import type { MatrixUserId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import { knownProfile } from '../from-slack/author.ts';
import type { Portal } from '../ports.ts';

type Member = Extract<MatrixEvent, { readonly type: 'member' }>;

/** People removed a ghost: it stays out, and the room is told what becomes of its person's messages. */
export async function ghostRemoved(context: PortalContext, portal: Portal, event: Member): Promise<void> {
  context.metrics.ignored('matrix', 'ghost-removed');
  if (portal.status !== 'live' && portal.status !== 'paused') return;
  const name = await nameOf(context, portal, event.user);
  const words =
    event.membership === 'ban'
      ? `${event.user} was banned: what ${name} writes in Slack isn't shown here any more. It is again when the ban is lifted.`
      : `${event.user} stays out of this room until somebody invites it. What ${name} writes in Slack is shown here by me.`;
  const { matrix, log } = context;
  try {
    const key = { fact: `matrix:${event.event}`, part: 'notice' };
    await matrix.send(matrix.bot, portal.room, { kind: 'notice', text: textDoc(words) }, key);
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    log.warn('A room takes no notice from the bot', { portal: portal.id, reason: error.reason });
  }
}

async function nameOf(context: PortalContext, portal: Portal, ghost: MatrixUserId): Promise<string> {
  const owner = context.matrix.authorOf(ghost);
  if (!owner) return 'this person';
  const profile = await knownProfile(context, owner.team ?? portal.channels[0].team, owner.author);
  return profile?.name ?? owner.author;
}
