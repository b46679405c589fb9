import { CannotBridge, TryLater } from '../../errors.ts';
import type { Doc } from '../../format/doc.ts';
import { isEmpty } from '../../format/doc.ts';
import type { Work } from '../context.ts';
import type { MessageLink, SharedFile } from '../ports.ts';
import type { Origin, Plan } from './post.ts';
import type { Fate } from './sent-files.ts';
import { sharedFile } from './sent-files.ts';
import { isFileLink, removeFile, settledShare, share } from './share.ts';
import { isTextFile } from './text-file.ts';

/** So many files go into one Slack message. */
export const mostShared = 10;
/** The pieces of posts that show files: the posts of the text, which come and go with edits, are counted below. */
export const firstShare = 50;

export interface Group {
  /** Which of the groups of the message. */
  readonly index: number;
  readonly files: readonly [SharedFile, ...SharedFile[]];
}

/** Whether a link is that of a post that shows files which somebody sent. */
export function isShare(link: Pick<MessageLink, 'part' | 'piece'>): boolean {
  return isFileLink(link) && !isTextFile(link);
}

/** Finds out what became of the posts with files that an earlier try began. */
export async function settleShares(work: Work, origin: Origin): Promise<void> {
  for (const { piece } of work.turn.openAttempts)
    if (piece >= firstShare) await settledShare(work, origin, piece);
}

/** The files that are there, as they go together into posts; groups stay the same whatever becomes of others. */
export function groupsOf(fates: readonly Fate[]): readonly Group[] {
  const groups: Group[] = [];
  for (let at = 0; at < fates.length; at += mostShared) {
    const [first, ...more] = fates
      .slice(at, at + mostShared)
      .flatMap((fate) => (fate.id === undefined ? [] : [sharedFile(fate)]));
    if (first) groups.push({ index: at / mostShared, files: [first, ...more] });
  }
  return groups;
}

/** Slack doesn't take a group after all. */
export function withoutGroup(
  fates: readonly Fate[],
  group: Group | undefined,
  why: CannotBridge,
): readonly Fate[] {
  const refused = new Set(group?.files.map(({ id }) => id));
  return fates.map((fate) =>
    fate.id !== undefined && refused.has(fate.id) ? { file: fate.file, why } : fate,
  );
}

/** The post in `links` that shows a group. */
export function linkOfGroup(
  links: readonly MessageLink[],
  { files: [{ id }] }: Group,
): MessageLink | undefined {
  return links.find((link) => isShare(link) && link.part === `file:${id}`);
}

/** The text above the files: the first piece of the message, where that says anything. */
export function caption({ pieces: [first] }: Plan): Doc | undefined {
  return first && !isEmpty(first) ? first : undefined;
}

/** Whether all groups of a message that was never edited are in Slack, whatever is known of their files. */
export function isAllShared(links: readonly MessageLink[], files: number): boolean {
  const groups = Array.from({ length: Math.ceil(files / mostShared) }, (_, index) => firstShare + index);
  return groups.every((piece) => links.some((link) => link.piece === piece));
}

/**
 * Posts the groups that aren't in Slack yet, the first with the beginning of the text, and remembers their links. Of a
 * message that was never edited each group has a piece of its own; an edit's are known by their files.
 * @returns why Slack doesn't take the first, of which nothing is shared then
 */
export async function shareGroups(
  work: Work,
  plan: Plan,
  groups: readonly Group[],
  of: 'message' | 'edit',
): Promise<CannotBridge | undefined> {
  const links = await work.context.links.byEvent(plan.event);
  let last = Math.max(firstShare - 1, ...links.filter(isShare).map((link) => link.piece));
  for (const [at, group] of groups.entries()) {
    const piece = of === 'message' ? firstShare + group.index : last + 1;
    const isThere =
      of === 'message' ? links.some((link) => link.piece === piece) : linkOfGroup(links, group) !== undefined;
    if (isThere) continue;
    last = piece;
    const text = at === 0 ? caption(plan) : undefined;
    try {
      await share(work, plan, { piece, files: group.files, ...(text && { text }) });
    } catch (error) {
      if (at === 0 && error instanceof CannotBridge && ofFiles.has(error.reason)) return error;
      throw await orForgotten(work, group, plan.by, error);
    }
  }
  return undefined;
}

/** Slack's refusals that mean the files rather than the message. */
const ofFiles: ReadonlySet<string> = new Set([
  'file_type_not_allowed',
  'file_update_failed',
  'file_upload_size_restricted',
  'file_uploads_disabled',
  'file_uploads_except_images_disabled',
  'missing_scope',
  'storage_limit_reached',
]);

/** What waited for too long is no file any more: it is brought anew. */
async function orForgotten(work: Work, { files }: Group, by: Plan['by'], error: unknown): Promise<unknown> {
  if (!(error instanceof CannotBridge) || error.reason !== 'file_not_found') return error;
  for (const { id } of files) await removeFile(work, id, by, 'again');
  return new TryLater('Slack forgot a file that was brought, and gets it again', { cause: error });
}
