import { knownProfile } from '../from-slack/author.ts';
import type { MatrixUserId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import type { Portal } from '../ports.ts';
import { removeFromChannel, tell } from './channel-member.ts';
import type { Member, MembershipWork } from './channel-member.ts';

/** People removed a ghost: it stays out, and the room is told what becomes of its person's messages. */
export async function ghostRemoved(work: MembershipWork, event: Member): Promise<void> {
  const { context, portal } = work;
  context.metrics.ignored('matrix', 'ghost-removed');
  if (portal.status !== 'live' && portal.status !== 'paused') return;
  const name = await nameOf(context, portal, event.user);
  const words =
    event.membership === 'ban'
      ? `${event.user} was banned: what ${name} writes in Slack isn't shown here any more. It is again when the ban is lifted.`
      : `${event.user} stays out of this room until somebody invites it. What ${name} writes in Slack is shown here by me.`;
  const there = await removeFromChannel(work, event, name);
  await tell(work, event, there === undefined ? words : `${words} ${there}`);
}

async function nameOf(context: PortalContext, portal: Portal, ghost: MatrixUserId): Promise<string> {
  const owner = context.matrix.authorOf(ghost);
  if (!owner) return 'this person';
  const profile = await knownProfile(context, owner.team ?? portal.channels[0].team, owner.author);
  return profile?.name ?? owner.author;
}
