import { CannotBridge, WaitForParent } from '../../errors.ts';
import type { MatrixEvent } from '../../events.ts';
import type { MatrixUserId } from '../../ids.ts';
import type { Work } from '../context.ts';
import { accountIn, isUsable, ownAccount } from '../own-account.ts';
import type { MessageLink, ReactionLink } from '../ports.ts';
import { outdateNote } from '../reaction-notes.ts';
import { removeLetters } from '../remove-letters.ts';
import { authorInSlack, removeOwn } from './own-slack-message.ts';
import { unreactInSlack } from './reaction.ts';
import { removePost } from './remove-post.ts';

type Redaction = Extract<MatrixEvent, { readonly type: 'redaction' }>;

/**
 * A redaction in Matrix removes all posts of the message, or takes the reaction back. What isn't in Slack yet is waited
 * for, so that a redaction wins over a message that is still on its way.
 */
export async function redactionToSlack(work: Work, { event, sender, target }: Redaction): Promise<void> {
  const { context, portal, turn } = work;
  const givenUp = await removeLetters(work, `event:${target}`, `matrix:${event}`);
  const reaction = await context.links.reactionByEvent(target);
  if (reaction) return withdraw(work, reaction, sender);
  const links = (await context.links.byEvent(target)).filter((link) => link.portal === portal.id);
  const [first] = links;
  if (!first) {
    if (await context.links.isDeletedEvent(target)) return context.metrics.ignored('matrix', 'deleted');
    if (!givenUp && !turn.item.waited) throw new WaitForParent(`event:${target}`);
    return context.metrics.ignored('matrix', 'unmapped-redaction');
  }
  const author = authorInSlack(work, first, sender);
  if (author) {
    await removeOwn(work, links, author);
    return context.metrics.bridged('matrix', 'delete');
  }
  if (first.origin === 'slack') return keptInSlack(work, links, notOurs);
  if (links.some((link) => !isWritable(work, link))) return keptInSlack(work, links, loggedOut);
  for (const link of links) {
    await removePost(work, link);
    outdateNote(work, link.ts);
  }
  context.metrics.bridged('matrix', 'delete');
}

async function withdraw(work: Work, reaction: ReactionLink, sender: MatrixUserId): Promise<void> {
  if (reaction.origin === 'matrix') return unreactInSlack(work, reaction);
  const by = ownAccount(work, sender, 'reactions:write');
  if (by !== undefined && by === reaction.sender) {
    work.turn.mayWrite();
    await work.context.slack.unreact(work.portal.channels[0], reaction.ts, reaction.name, by);
    work.turn.remember({ type: 'reaction-removed', event: reaction.event });
    return work.context.metrics.bridged('matrix', 'reaction-removed');
  }
  // Slack lets nobody else take it back. It stays known, or the next reading of history would give it again.
  work.context.metrics.ignored('matrix', 'reaction-of-slack');
}

const notOurs = {
  reason: 'not-our-message',
  words:
    'it was removed here, but is still in Slack: only its author or an admin of the workspace can delete it there.',
};
const loggedOut = {
  reason: 'logged-out',
  words:
    'it was removed here, but is still in Slack: it was posted there by its sender’s own account, which the bridge can’t use any more. They can delete it in Slack.',
};

function isWritable(work: Work, { postedAs }: MessageLink): boolean {
  const account = accountIn(postedAs);
  return account === undefined || isUsable(work, account);
}

/** Slack lets nobody but its author and the workspace's admins delete a message: who redacted it should know. */
async function keptInSlack(
  { turn, portal }: Work,
  links: readonly MessageLink[],
  why: typeof notOurs,
): Promise<never> {
  for (const { ts, part } of links) turn.remember({ type: 'deleted', portal: portal.id, ts, part });
  await turn.flush();
  throw new CannotBridge(why.reason, why.words);
}
