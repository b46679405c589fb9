import type { MatrixMessage } from '../../events.ts';
import { textDoc } from '../../format/doc.ts';
import type { EventId } from '../../ids.ts';
import type { Work } from '../context.ts';
import { fileLabel } from '../file-label.ts';
import type { LeftFile } from './body.ts';
import type { Fate } from './sent-files.ts';

/** What holds for all files of a workspace: people are told once, until the bridge starts again. */
const ofWorkspace: ReadonlySet<string> = new Set([
  'missing_scope',
  'file_uploads_disabled',
  'file_uploads_except_images_disabled',
  'storage_limit_reached',
]);
const mostRemembered = 1000;

/** The files that Slack's people get no more than the names of. */
export function leftFiles(fates: readonly Fate[]): readonly LeftFile[] {
  return fates.flatMap(({ file, why }) => (why ? [{ file, why: why.message }] : []));
}

/**
 * Tells the sender that files of theirs didn't come to Slack, beside the message. Telling it again is the same effect.
 * @param cause the message, or an edit of it.
 */
export async function tellOfFiles(
  work: Work,
  { event, relation }: Pick<MatrixMessage, 'event' | 'relation'>,
  cause: EventId,
  fates: readonly Fate[],
): Promise<void> {
  const { context, portal, turn } = work;
  const news = fates.flatMap(({ file, why }) => (why && isNews(work, why.reason) ? [{ file, why }] : []));
  if (news.length === 0) return;
  const lines = news.map(({ file, why }) => `${fileLabel(file)}: ${why.message}`);
  const text = textDoc(
    `⚠️ Slack shows only the name of what you sent, and a link to it.\n${lines.join('\n')}`,
  );
  const root = relation.thread;
  const place = { replyTo: event, ...(root !== undefined && { thread: { root, latest: event } }) };
  turn.mayWrite();
  await context.matrix.send(
    context.matrix.bot,
    portal.room,
    { kind: 'notice', text, ...place },
    { fact: `matrix:${cause}`, part: 'files' },
  );
  for (const { why } of news) rememberTold(work, why.reason);
}

function isNews({ memory, portal }: Work, reason: string): boolean {
  return !memory.toldRefusals.has(`${portal.id} files ${reason}`);
}

function rememberTold({ memory, portal }: Work, reason: string): void {
  if (!ofWorkspace.has(reason)) return;
  if (memory.toldRefusals.size >= mostRemembered) memory.toldRefusals.clear();
  memory.toldRefusals.add(`${portal.id} files ${reason}`);
}
