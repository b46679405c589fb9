import { CannotBridge } from '../../errors.ts';
import type { Doc } from '../../format/doc.ts';
import { joinDocs, paragraph, plainText, text } from '../../format/doc.ts';
import { slackLimits, splitDoc } from '../../format/splitter.ts';
import type { FileId, Ts } from '../../ids.ts';
import type { Work } from '../context.ts';
import { keyedFileName } from '../file-key.ts';
import type { MessageLink } from '../ports.ts';
import { ownAccount, writerOf } from '../own-account.ts';
import type { Plan } from './post.ts';
import { isOutdated, linkOf, outgoingPost } from './post.ts';
import { fileOfLink, isFileLink, settledShare, share } from './share.ts';

/** A text that needs more posts than this comes as a file: nobody reads so many. */
const mostPosts = 10;
/** How much of it stands beside the file, as `slackLimits` counts. */
const beginningSize = 1500;
/** Which piece of the message the file is, after the post with the beginning. */
const filePiece = 1;

/** A text that comes as a file. */
export interface TextFile {
  /** What is posted before the file. */
  readonly plan: Plan;
  /** Where the file is already. */
  readonly shared?: Ts;
  /** Posts the file, once, and remembers its link. */
  share(): Promise<void>;
}

/** Whether a link is that of a file that holds a text, rather than of files that somebody sent. */
export function isTextFile(link: Pick<MessageLink, 'part' | 'piece'>): boolean {
  return isFileLink(link) && link.piece === filePiece;
}

/**
 * The file that a very long text comes as, brought to Slack where nobody sees it yet; `undefined` for other texts, and where
 * Slack takes no files: then it comes in posts.
 */
export async function textFile(work: Work, whole: Plan): Promise<TextFile | undefined> {
  if (whole.pieces.length <= mostPosts) return undefined;
  const plan = { ...whole, pieces: [beginningOf(whole.body)] };
  const isShared = (ts: Ts): TextFile => ({ plan, shared: ts, share: () => Promise.resolve() });
  const links = await work.context.links.byEvent(plan.event);
  const { lastEdit } = linkOf(work, plan, { piece: filePiece, part: 'text' });
  const known = links.find((link) => isTextFile(link) && link.lastEdit === lastEdit);
  if (known) return isShared(known.ts);
  if (isOutdated(plan, links) || isInPosts(work, links, plan) || !mayBringFiles(work, plan)) return undefined;
  const before = await settledShare(work, plan, filePiece);
  if (before !== undefined && before !== 'gone') return isShared(before.ts);
  const file = await stage(work, plan);
  await setBeginning(work, whole, file && plan, links);
  if (file === undefined) return undefined;
  const title = plan.by === undefined ? `Message from ${plan.as.name}` : 'Message';
  const files = [{ id: file, title }] as const;
  return { plan, share: () => share(work, plan, { piece: filePiece, files }) };
}

function mayBringFiles(work: Work, { by, sender }: Plan): boolean {
  return by === undefined || ownAccount(work, sender, 'files:write') === by;
}

/** An earlier try found that Slack takes no files, and went on with posts. */
function isInPosts({ turn }: Work, links: readonly MessageLink[], plan: Plan): boolean {
  const open = turn.openAttempts.find(({ piece }) => piece === filePiece);
  if (open) return fileOfLink({ part: open.opKey }) === undefined;
  return plan.cause === plan.event && links.some((link) => link.piece > 0 && !isFileLink(link));
}

function beginningOf(body: Doc): Doc {
  const [beginning] = splitDoc(body, { ...slackLimits, size: beginningSize });
  const note = paragraph(text('… The whole text is in the file.', { italic: true }));
  return joinDocs(beginning ?? { blocks: [] }, { blocks: [note] });
}

async function stage({ context, portal }: Work, { body, by, cause }: Plan): Promise<FileId | undefined> {
  const bytes = Buffer.from(plainText(body, { marks: true }));
  try {
    const name = keyedFileName(context.opKey(cause, filePiece));
    const file = { name, length: bytes.length, body: bytes };
    return await context.slack.stage(portal.channels[0].team, file, by);
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    context.log.warn('Slack takes no file: a very long message is posted in pieces', {
      portal: portal.id,
      reason: error.reason,
    });
    return undefined;
  }
}

/**
 * Of a message whose first post alone is in Slack nothing says whether the file or more posts were to follow; the post is
 * made the one that fits what follows now. An edit changes its posts itself.
 */
async function setBeginning(
  work: Work,
  whole: Plan,
  withFile: Plan | undefined,
  links: readonly MessageLink[],
): Promise<void> {
  const { context, portal, turn } = work;
  const plan = withFile ?? whole;
  const first = links.find((link) => link.piece === 0);
  const [text] = plan.pieces;
  if (!first || !text || plan.cause !== plan.event) return;
  if (withFile && turn.openAttempts.some(({ piece }) => piece === filePiece)) return; // its file was under way
  turn.mayWrite();
  try {
    const post = outgoingPost(work, { ...plan, by: writerOf(work, first) }, 0, text);
    await context.slack.update(portal.channels[0], first.ts, post);
  } catch (error) {
    if (!withFile || !(error instanceof CannotBridge)) throw error; // the file holds all of the text
  }
}
