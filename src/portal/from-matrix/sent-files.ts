import { createHash } from 'node:crypto';
import { CannotBridge } from '../../errors.ts';
import type { MatrixFile, MatrixMessage } from '../../events.ts';
import { cleanName } from '../../format/names.ts';
import type { FileId } from '../../ids.ts';
import type { Work } from '../context.ts';
import { arrival } from '../files/keep-place.ts';
import type { SharedFile, Transfer } from '../ports.ts';
import type { Plan } from './post.ts';

/** How a file fares on its way to Slack: it is there, where nobody sees it yet; or why it can't be brought. */
export type Fate =
  | { readonly file: MatrixFile; readonly id: FileId; readonly why?: never }
  | { readonly file: MatrixFile; readonly id?: never; readonly why: CannotBridge };

/** `event`: the message that people see, also where it is an edit of it that says how it is by now. */
type Shown = Pick<Plan, 'event' | 'by'>;

/**
 * The names by which their transfers are known: the same for an edit that leaves a file as it was. Only the account that brought a
 * file can share it.
 */
export function sourcesOf({ event, by }: Shown, files: readonly MatrixFile[]): readonly string[] {
  const seen = new Map<string, number>();
  return files.map(({ url = '' }) => {
    const before = seen.get(url) ?? 0;
    seen.set(url, before + 1);
    const address = createHash('sha256').update(`${url} ${before}`).digest('base64url').slice(0, 22);
    return by === undefined ? `${event}:${address}` : `${event}:${address}:${by}`;
  });
}

/** The same again joins what is under way. */
function beginTransfers(
  { context, portal }: Work,
  { sender, files = [] }: Pick<MatrixMessage, 'sender' | 'files'>,
  shown: Shown,
): readonly Transfer<FileId>[] {
  const { team } = portal.channels[0];
  const account = shown.by === undefined ? {} : { account: shown.by };
  const where = { team, portal: portal.id, by: sender, ...account };
  const sources = sourcesOf(shown, files);
  return files.map((file, index) => context.files.toSlack(where, file, sources[index] ?? shown.event));
}

/**
 * Brings the files of a message to Slack. The message keeps its place for a while; then it is set aside until they came.
 * @throws WaitForFile, TryLater
 */
export async function bringFiles(
  work: Work,
  message: Pick<MatrixMessage, 'sender' | 'files'>,
  shown: Shown,
): Promise<readonly Fate[]> {
  const { files = [] } = message;
  const transfers = beginTransfers(work, message, shown);
  const fates: Fate[] = [];
  for (const [index, file] of files.entries()) {
    const transfer = transfers[index];
    if (transfer) fates.push(await fateOf(work, file, transfer));
  }
  return fates;
}

async function fateOf(work: Work, file: MatrixFile, transfer: Transfer<FileId>): Promise<Fate> {
  try {
    return { file, id: await arrival(work, transfer) };
  } catch (error) {
    if (error instanceof CannotBridge) return { file, why: error };
    throw error;
  }
}

/** As people in Slack see it; of a sticker what it shows. */
export function sharedFile({ file, id }: Extract<Fate, { readonly id: FileId }>): SharedFile {
  const title = file.kind === 'sticker' ? cleanName(file.altText ?? file.name) : '';
  return { id, ...(title !== '' && { title }) };
}
