import { CannotBridge, WaitForParent } from '../../errors.ts';
import type { MatrixEvent } from '../../events.ts';
import type { EventId } from '../../ids.ts';
import type { Work } from '../context.ts';
import type { MessageLink, ShownPoll } from '../ports.ts';
import type { Tally } from '../poll-tally.ts';
import { writerOf } from '../own-account.ts';
import { planOf } from './message.ts';
import { pollDoc, tallyIn } from './poll-body.ts';
import { outgoingPost } from './post.ts';
import { isFileLink } from './share.ts';

/** The post, or the account by which it was made and can be changed. */
const isGone: ReadonlySet<string> = new Set(['logged-out', 'message_not_found']);

type Change = Extract<MatrixEvent, { readonly type: 'poll-change' }>;

/**
 * A vote in a poll, or its end: the post in Slack shows how the poll stands. The homeserver knows all votes, so nothing is
 * counted here that a crash could forget. What was counted already changes nothing: votes that came while Slack's limits made
 * one wait are shown together with it.
 */
export async function pollToSlack(work: Work, change: Change): Promise<void> {
  const { context, memory, portal } = work;
  if (portal.policy.direction === 'to-matrix') return context.metrics.ignored('matrix', 'direction');
  if (context.permissionOf(change.sender) === 'none') return context.metrics.ignored('matrix', 'permission');
  if (memory.countedVotes.get(change.target)?.has(change.event) === true)
    return context.metrics.ignored('matrix', 'counted');
  const links = (await context.links.byEvent(change.target)).filter((link) => link.portal === portal.id);
  const [first] = links;
  if (!first) {
    if (await context.links.isDeletedEvent(change.target))
      return context.metrics.ignored('matrix', 'deleted');
    if (!work.turn.item.waited) throw new WaitForParent(`event:${change.target}`);
    return context.metrics.ignored('matrix', 'unmapped-vote');
  }
  const shown = first.origin === 'matrix' ? await context.matrix.poll(change.room, change.target) : undefined;
  if (!shown) return context.metrics.ignored('matrix', 'no-poll');
  const tally = await tallyIn(work, shown);
  try {
    if (shown.message.poll.disclosed || tally.ended) await showTally(work, shown, tally, links);
  } catch (error) {
    if (!(error instanceof CannotBridge) || !isGone.has(error.reason)) throw error;
    return context.metrics.ignored('matrix', 'deleted');
  }
  rememberCounted(work, change.target, shown);
  context.metrics.bridged('matrix', 'edit');
}

async function showTally(
  work: Work,
  { message }: ShownPoll,
  tally: Tally,
  links: readonly MessageLink[],
): Promise<void> {
  const { context, portal, turn } = work;
  const { event } = message;
  const threadTs = links[0]?.threadTs;
  const place = { event, cause: event, ...(threadTs !== undefined && { threadTs }) };
  const plan = await planOf(work, message, pollDoc(message.poll, tally), place);
  for (const link of links) {
    const piece = plan.pieces[link.piece];
    if (!piece || isFileLink(link)) continue;
    turn.mayWrite();
    const post = outgoingPost(work, { ...plan, by: writerOf(work, link) }, link.piece, piece);
    await context.slack.update(portal.channels[0], link.ts, post, { background: !tally.ended });
  }
}

/** Polls whose votes are remembered as counted; forgetting them costs a look. */
const mostPolls = 100;

function rememberCounted({ memory }: Work, poll: EventId, { changes }: ShownPoll): void {
  memory.countedVotes.delete(poll);
  memory.countedVotes.set(poll, new Set(changes.map(({ event }) => event)));
  const oldest = memory.countedVotes.size > mostPolls ? memory.countedVotes.keys().next() : undefined;
  if (oldest && !oldest.done) memory.countedVotes.delete(oldest.value);
}
