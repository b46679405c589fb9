import { WaitForParent } from '../../errors.ts';
import type { MatrixEvent } from '../../events.ts';
import { isEmpty } from '../../format/doc.ts';
import type { Work } from '../context.ts';
import { editMark } from '../edit-mark.ts';
import type { MessageLink } from '../ports.ts';
import { bodyToSlack } from './body.ts';
import { messageToSlack, planOf, reasonToLeaveOut } from './message.ts';
import { requireRelay } from './permission.ts';
import { quoteInSlack } from './placement.ts';
import type { Plan } from './post.ts';
import { markOf, outgoingPost, postPieces } from './post.ts';
import { removePost } from './remove-post.ts';
import { isFileLink, textFile } from './text-file.ts';

type Edit = Extract<MatrixEvent, { readonly type: 'edit' }>;

/**
 * An edit in Matrix: the posts of the message are changed in place; a longer text gets more posts, a shorter one loses
 * some, and a file makes way for a new one. An edit of a message that isn't in Slack waits for it; if it doesn't come, the
 * message is posted as it stands, unless it was removed. One that is older than the last one changes nothing. A quote of
 * what the message answers stays.
 */
export async function editToSlack(work: Work, edit: Edit): Promise<void> {
  const { context, turn } = work;
  const links = await context.links.byEvent(edit.target);
  if (links.length === 0) {
    if (reasonToLeaveOut(work, edit.message) !== undefined)
      return context.metrics.ignored('matrix', 'left-out');
    if (await context.links.isDeletedEvent(edit.target)) return context.metrics.ignored('matrix', 'deleted');
    if (!turn.item.waited) throw new WaitForParent(`event:${edit.target}`);
    // a message that was removed before the homeserver sent it came without its text
    if (!(await context.matrix.canBeEdited(edit.room, edit.target, edit.sender)))
      return context.metrics.ignored('matrix', 'no-edit');
    const original = await context.matrix.message(edit.room, edit.target);
    const { relation } = original ?? edit.message;
    return messageToSlack(work, { ...edit.message, event: edit.target, relation }, edit.event);
  }
  const [first] = links;
  if (!first || first.portal !== work.portal.id || first.origin !== 'matrix' || first.sender !== edit.sender)
    return context.metrics.ignored('matrix', 'edit-by-other');
  const mark = editMark({ at: edit.message.at, event: edit.event });
  if (links.some(({ lastEdit = '' }) => lastEdit > mark))
    return context.metrics.ignored('matrix', 'old-edit');
  if (work.portal.policy.direction === 'to-matrix') return context.metrics.ignored('matrix', 'direction');
  requireRelay(context, edit.sender);
  await applyEdit(work, edit, links);
  context.metrics.bridged('matrix', 'edit');
}

async function applyEdit(work: Work, edit: Edit, links: readonly MessageLink[]): Promise<void> {
  const threadTs = links[0]?.threadTs;
  const original = await work.context.matrix.message(edit.room, edit.target);
  const quote = original && (await quoteInSlack(work, original.relation, threadTs));
  const body = await bodyToSlack(work, { ...edit.message, event: edit.target }, quote);
  if (isEmpty(body)) return work.context.metrics.ignored('matrix', 'empty');
  const shown = { event: edit.target, cause: edit.event, ...(threadTs !== undefined && { threadTs }) };
  const plan = await planOf(work, edit.message, body, shown);
  const file = await textFile(work, plan);
  const posts = file?.plan ?? plan;
  for (const link of links) {
    if (!isFileLink(link)) await changePost(work, posts, link);
    else if (link.ts !== file?.shared) await removePost(work, link);
  }
  const texts = links.filter((link) => !isFileLink(link));
  await postPieces(work, posts, 1 + Math.max(...texts.map((link) => link.piece)));
  await file?.share();
}

/** The post keeps the key it was made with: by it an echo is known. */
async function changePost(work: Work, plan: Plan, link: MessageLink): Promise<void> {
  const { context, portal, turn } = work;
  const place = portal.channels[0];
  const text = plan.pieces[link.piece];
  if (!text) return removePost(work, link);
  turn.mayWrite();
  const original = { ...plan, cause: plan.event };
  await context.slack.update(place, link.ts, outgoingPost(work, original, link.piece, text));
  turn.remember({ type: 'edited', portal: portal.id, ts: link.ts, edit: markOf(plan) });
}
