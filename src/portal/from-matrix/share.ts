import type { Doc } from '../../format/doc.ts';
import type { FileId, SlackUserId, Ts } from '../../ids.ts';
import { fileId } from '../../ids.ts';
import type { Work } from '../context.ts';
import type { MessageLink, SharedFile } from '../ports.ts';
import { accountIn, isUsable } from '../own-account.ts';
import type { Origin, Plan } from './post.ts';
import { attempt, begunAs, hashOf, linkOf, postedAs } from './post.ts';
import { settle } from './settle.ts';

/** Whether a link is that of a message that shares files. */
export function isFileLink({ part }: Pick<MessageLink, 'part'>): boolean {
  return part.startsWith('file:');
}

/** The first of the files that a message of ours shares. */
export function fileOfLink({ part }: { readonly part: string }): FileId | undefined {
  return part.startsWith('file:') ? fileId(part.slice('file:'.length)) : undefined;
}

/** Files that are in Slack, on their way into a message of their own. */
export interface Share {
  readonly piece: number;
  /** At least one, and at most ten. */
  readonly files: readonly [SharedFile, ...SharedFile[]];
  readonly text?: Doc;
}

/**
 * Posts files once, and remembers the link of their message.
 *
 * The message in which Slack shows a file can't carry a key of ours. The first file's id, known before, is the key of the
 * attempt.
 */
export async function share(work: Work, plan: Plan, { piece, files, text }: Share): Promise<void> {
  const { context, turn } = work;
  const { as, by, threadTs } = plan;
  const key = `file:${files[0].id}` as const;
  const link = linkOf(work, plan, { piece, part: key });
  const posted = postedAs(work, link, key);
  const outgoing = {
    files,
    ...(text && { text }),
    ...(by === undefined ? { as } : { by }),
    ...(threadTs !== undefined && { threadTs }),
  };
  const ts = await attempt(work, posted, hashOf(outgoing), async () => {
    await context.slack.share(posted.place, outgoing);
    return undefined;
  });
  turn.remember({ type: 'link', link: { ...link, ts } });
}

/** A share that an earlier try began: where it is; `gone`: it isn't there, and its file was deleted, so that it can't come later. */
export type Settled = { readonly ts: Ts } | 'gone';

/** `undefined` where no share of this piece was begun. */
export async function settledShare(work: Work, origin: Origin, piece: number): Promise<Settled | undefined> {
  const { turn } = work;
  const open = turn.openAttempts.find((each) => each.piece === piece);
  const file = open && fileOfLink({ part: open.opKey });
  if (!open || file === undefined) return undefined;
  const link = linkOf(work, origin, { piece, part: `file:${file}` });
  const begun = await begunAs(work, postedAs(work, link, open.opKey));
  const ts = await settle(work, begun, open.deadline);
  if (ts === undefined) await removeFile(work, file, accountIn(begun.link.postedAs), 'again');
  else turn.remember({ type: 'link', link: { ...begun.link, ts } });
  return ts === undefined ? 'gone' : { ts };
}

/**
 * Deletes a file of ours, whether it is shown or not. Should it be wanted again, it is brought anew; `again`: it will be, and
 * is the same file for who counts. `by`: whose it is, if not the bot's; where they aren't linked any more nobody can.
 */
export async function removeFile(
  work: Work,
  file: FileId,
  by: SlackUserId | undefined,
  how: 'for good' | 'again' = 'for good',
): Promise<void> {
  const { context, portal, turn } = work;
  turn.mayWrite();
  if (by === undefined || isUsable(work, by))
    await context.slack.removeFile(portal.channels[0].team, file, by);
  if (how === 'again') await context.files.lostInSlack(portal.id, file);
  else await context.files.forgetInSlack(portal.id, file);
}
