import { WaitForParent } from '../../errors.ts';
import type { MatrixEvent, MatrixMessage } from '../../events.ts';
import type { Doc } from '../../format/doc.ts';
import { isEmpty } from '../../format/doc.ts';
import { readNote } from '../../format/edits.ts';
import type { Work } from '../context.ts';
import { editMark } from '../edit-mark.ts';
import type { MessageLink } from '../ports.ts';
import { writerOf } from '../own-account.ts';
import type { LeftFile } from './body.ts';
import { bodyToSlack } from './body.ts';
import { leftFiles, tellOfFiles } from './file-notice.ts';
import { messageToSlack, planOf, reasonToLeaveOut } from './message.ts';
import { authorInSlack, changeAs, changeOwn } from './own-slack-message.ts';
import { requireRelay } from './permission.ts';
import { quoteInSlack } from './placement.ts';
import type { Plan } from './post.ts';
import { markOf, outgoingPost, postPieces } from './post.ts';
import { removePost } from './remove-post.ts';
import { bringFiles } from './sent-files.ts';
import { isFileLink } from './share.ts';
import type { TextFile } from './text-file.ts';
import { isTextFile, textFile } from './text-file.ts';
import type { Group } from './with-files.ts';
import { caption, groupsOf, isShare, linkOfGroup, settleShares, shareGroups } from './with-files.ts';

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
  if (!first || first.portal !== work.portal.id) return context.metrics.ignored('matrix', 'edit-by-other');
  const author = first.postedAs === edit.sender ? authorInSlack(work, first, edit.sender) : undefined;
  if (author !== undefined) return changeOwn(work, edit, first, author);
  if (first.origin !== 'matrix' || first.sender !== edit.sender)
    return context.metrics.ignored('matrix', 'edit-by-other');
  const mark = editMark({ at: edit.message.at, event: edit.event });
  if (links.some(({ lastEdit }) => readNote(lastEdit).mark > mark))
    return context.metrics.ignored('matrix', 'old-edit');
  if (work.portal.policy.direction === 'to-matrix') return context.metrics.ignored('matrix', 'direction');
  requireRelay(context, edit.sender);
  await applyEdit(work, edit, links);
  context.metrics.bridged('matrix', 'edit');
}

async function applyEdit(work: Work, edit: Edit, links: readonly MessageLink[]): Promise<void> {
  const [first] = links;
  const threadTs = first?.threadTs;
  for (const link of links) writerOf(work, link); // none is changed where one can't be
  const by = first && writerOf(work, first);
  const original = await work.context.matrix.message(edit.room, edit.target);
  const quote = original && (await quoteInSlack(work, original.relation, threadTs));
  const message = { ...edit.message, event: edit.target };
  const shown = { event: edit.target, cause: edit.event, by, ...(threadTs !== undefined && { threadTs }) };
  const hasFiles = message.files !== undefined || links.some(isShare);
  const { files, left, known } = hasFiles
    ? await filesOf(work, message, shown)
    : { files: [], left: [], known: links };
  const body = await bodyToSlack(work, message, { quote, left });
  if (isEmpty(body) && !message.files) return work.context.metrics.ignored('matrix', 'empty');
  const plan = await planOf(work, edit.message, body, shown);
  const file = await textFile(work, plan);
  const posts = file?.plan ?? plan;
  const refused = files && (await shareGroups(work, posts, files, 'edit'));
  if (refused) throw refused;
  const main = files ? files[0] && linkOfGroup(known, files[0]) : known.find(isShare);
  if (main) await changeCaption(work, posts, main);
  await changeTexts(work, posts, known, { from: main || files?.length ? 1 : 0, file });
  await file?.share();
  for (const link of known) if (isShare(link) && !isKept(link, files)) await removePost(work, link);
}

interface EditedFiles {
  /** How the files are to be shown; absent: as they are. */
  readonly files?: readonly Group[];
  readonly left: readonly LeftFile[];
  /** The links as they stand before anything is changed. */
  readonly known: readonly MessageLink[];
}

/** Where a new file can't be brought, the old ones stay, and the sender is told. */
async function filesOf(
  work: Work,
  message: MatrixMessage,
  shown: Pick<Plan, 'event' | 'cause' | 'by' | 'threadTs'>,
): Promise<EditedFiles> {
  const { links } = work.context;
  const { sender, at } = message;
  await settleShares(work, { ...shown, sender, at });
  const fates = await bringFiles(work, message, shown);
  const known = (await links.byEvent(shown.event)).filter((link) => link.portal === work.portal.id);
  if (!known.some(isShare) || fates.every(({ id }) => id !== undefined))
    return { files: groupsOf(fates), left: leftFiles(fates), known };
  await tellOfFiles(work, message, shown.cause, fates);
  return { left: [], known };
}

function isKept(link: MessageLink, files: readonly Group[] | undefined): boolean {
  return files?.some((group) => linkOfGroup([link], group)) ?? true;
}

async function changeTexts(
  work: Work,
  plan: Plan,
  links: readonly MessageLink[],
  { from, file }: { readonly from: number; readonly file: TextFile | undefined },
): Promise<void> {
  const texts = links.filter((link) => !isFileLink(link));
  for (const link of texts) await (link.piece < from ? removePost(work, link) : changePost(work, plan, link));
  for (const link of links.filter(isTextFile)) if (link.ts !== file?.shared) await removePost(work, link);
  await postPieces(work, plan, Math.max(from, ...texts.map((link) => link.piece + 1)));
}

async function changeCaption(work: Work, plan: Plan, link: MessageLink): Promise<void> {
  await change(work, plan, link, caption(plan) ?? { blocks: [] });
}

/** The post keeps the key it was made with: by it an echo is known. */
async function changePost(work: Work, plan: Plan, link: MessageLink): Promise<void> {
  const text = plan.pieces[link.piece];
  return text ? change(work, plan, link, text) : removePost(work, link);
}

async function change(work: Work, plan: Plan, link: MessageLink, text: Doc): Promise<void> {
  const { context, portal, turn } = work;
  const by = writerOf(work, link);
  const post = outgoingPost(work, { ...plan, cause: plan.event, by }, link.piece, text);
  const place = portal.channels[0];
  const mark = markOf(plan);
  if (by === undefined) {
    turn.mayWrite();
    await context.slack.update(place, link.ts, post);
    return turn.remember({ type: 'edited', portal: portal.id, ts: link.ts, edit: mark });
  }
  const editKey = context.opKey(plan.cause, link.piece);
  await changeAs(work, link, { ...post, editKey }, mark);
}
