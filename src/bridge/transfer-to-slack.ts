import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { TryLater } from '../errors.ts';
import type { MatrixFile } from '../events.ts';
import { fileName } from '../format/file-name.ts';
import type { OpenAttachment } from '../matrix/attachments.ts';
import type { Arrived } from '../portal/media-ports.ts';
import type { FilePlace, OutgoingFile, SlackPort } from '../portal/ports.ts';
import { tooLarge } from './quotas.ts';
import type { Largest } from './quotas.ts';
import type { TransferPace } from './transfer-pace.ts';

interface Sides {
  readonly slack: Pick<SlackPort, 'stage'>;
  readonly matrix: { readonly open: OpenAttachment };
  readonly largest: Largest;
  /** The process ends: nothing is read any more. */
  readonly ended: AbortSignal;
  readonly pace: Pick<TransferPace, 'paced'>;
  /** On a disk, for files of which the homeserver doesn't say how long they are. */
  readonly folder: string;
}

/** As long as files may be in Slack; others aren't counted to their end. */
const slackLongest = 2 ** 30;

/**
 * Brings a file from the homeserver to Slack. Nobody sees it there before it is shared, and Slack forgets what isn't. Of its
 * bytes no more is held than is under way.
 */
export async function bringToSlack(
  { slack, matrix, largest, ended, folder, pace }: Sides,
  { team, account }: Pick<FilePlace, 'team' | 'account'>,
  file: MatrixFile,
): Promise<Arrived> {
  const attachment = await matrix.open(file);
  ended.addEventListener('abort', attachment.close, { once: true });
  const { length } = attachment;
  const body = pace.paced(attachment.body);
  const mimetype = file.mimetype ?? attachment.mimetype;
  const stage = async (known: Pick<OutgoingFile, 'length' | 'body'>): Promise<Arrived> => {
    const { altText } = file;
    const name = fileName(file.name, mimetype);
    const staged = { name, ...known, ...(altText !== undefined && { altText }) };
    const target = await slack.stage(team, staged, account);
    return { target, size: known.length, mimetype: mimetype ?? 'application/octet-stream' };
  };
  try {
    if (length === undefined) return await throughFile(folder, body, atMost(largest, slackLongest), stage);
    if (length > largest.bytes) throw tooLarge(largest);
    return await stage({ length, body });
  } finally {
    ended.removeEventListener('abort', attachment.close);
    attachment.close();
  }
}

function atMost(largest: Largest, bytes: number): Largest {
  return largest.bytes > bytes ? { bytes, of: 'bridge' } : largest;
}

/** Slack wants to know the length before the bytes. The file on the disk has no name, so that it can't be left behind. */
async function throughFile<T>(
  folder: string,
  body: AsyncIterable<Uint8Array>,
  longest: Largest,
  use: (known: Pick<OutgoingFile, 'length' | 'body'>) => Promise<T>,
): Promise<T> {
  const path = join(folder, `.file-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
    const length = await writeAll(handle, body, longest);
    return await use({ length, body: handle.createReadStream({ start: 0, autoClose: false }) });
  } finally {
    await handle.close();
  }
}

async function writeAll(
  handle: FileHandle,
  body: AsyncIterable<Uint8Array>,
  longest: Largest,
): Promise<number> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > longest.bytes) throw tooLarge(longest);
    await handle.appendFile(chunk).catch((error: unknown) => {
      throw new TryLater('a file can’t be kept on the disk while it is counted', { cause: error });
    });
  }
  return length;
}
