import { CannotBridge, WaitForParent } from '../../errors.ts';
import type { MatrixEvent } from '../../events.ts';
import type { SlackUserId } from '../../ids.ts';
import type { Work } from '../context.ts';
import { isUsable, ownAccount, unlessOutside, writerOf } from '../own-account.ts';
import type { ReactionLink } from '../ports.ts';
import { outdateNote } from '../reaction-notes.ts';
import { reactionToName } from './emoji.ts';
import { requireOwnAccount, requireRelay } from './permission.ts';
import { retryByReaction } from './retry.ts';

type Reaction = Extract<MatrixEvent, { readonly type: 'reaction' }>;

/**
 * A reaction in Matrix, by the person's own account, or through the bot: Slack shows one reaction for all of Matrix, who
 * stands behind it is remembered, and it stays until the last of them takes it back. The row is committed before the call,
 * so that none is forgotten, and what comes back is known.
 */
export async function reactionToSlack(work: Work, reaction: Reaction): Promise<void> {
  const { context, portal, turn } = work;
  if (await retryByReaction(work, reaction)) return;
  if (portal.policy.direction === 'to-matrix') return context.metrics.ignored('matrix', 'direction');
  const links = await context.links.byEvent(reaction.target);
  const target = links.find((link) => link.portal === portal.id);
  if (!target) {
    if (!turn.item.waited) throw new WaitForParent(`event:${reaction.target}`);
    return context.metrics.ignored('matrix', 'unmapped-reaction');
  }
  requireRelay(context, reaction.sender);
  const name = await reactionToName(context, portal.channels[0].team, reaction);
  if (name === undefined)
    throw new CannotBridge('no-emoji', 'Slack has no emoji for this reaction, and takes no other kinds.');
  const { event, sender } = reaction;
  const by = ownAccount(work, sender, 'reactions:write');
  requireOwnAccount(portal, by);
  const postedAs = by ?? portal.channels[0].team;
  const link = { event, portal: portal.id, ts: target.ts, name, sender, origin: 'matrix', postedAs } as const;
  await unlessOutside(work, { by, sender, event }, () => reactInSlack(work, link, by));
  context.metrics.bridged('matrix', 'reaction');
}

async function reactInSlack(work: Work, reaction: ReactionLink, by: SlackUserId | undefined): Promise<void> {
  const { context, portal, turn } = work;
  turn.remember({ type: 'reaction', reaction });
  outdateNote({ portal, turn }, reaction.ts);
  await turn.flush();
  turn.mayWrite();
  try {
    await context.slack.react(portal.channels[0], reaction.ts, reaction.name, by);
  } catch (error) {
    const isLost = by !== undefined && !isUsable(work, by); // the bot does it next time
    if (error instanceof CannotBridge || isLost) {
      turn.remember({ type: 'reaction-removed', event: reaction.event });
      outdateNote({ portal, turn }, reaction.ts);
      await turn.flush();
    }
    throw error;
  }
}

/** More than are ever under way. */
const remembered = 10_000;

/** Takes one person's reaction back; the bot's goes with the last. */
export async function unreactInSlack(work: Work, reaction: ReactionLink): Promise<void> {
  const { context, memory, portal, turn } = work;
  const { event, name, postedAs, ts } = reaction;
  const by = writerOf(work, reaction);
  const standing = await context.links.reactions(portal.id, ts, name);
  const others = standing.some(
    (each) => each.origin === 'matrix' && each.event !== event && each.postedAs === postedAs,
  );
  if (memory.takenBack.size >= remembered) memory.takenBack.clear();
  memory.takenBack.add(event);
  if (!others) {
    turn.mayWrite();
    await context.slack.unreact(portal.channels[0], ts, name, by);
  }
  turn.remember({ type: 'reaction-removed', event });
  outdateNote(work, ts);
  context.metrics.bridged('matrix', 'reaction-removed');
}
