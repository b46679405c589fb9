import { addAbortSignal } from 'node:stream';
import { CannotBridge, TryLater } from '../errors.ts';
import type { MatrixFile } from '../events.ts';
import { cleanFileName } from '../format/names.ts';
import type { TeamId } from '../ids.ts';
import type { MediaFiles } from '../matrix/media-files.ts';
import type { Arrived } from '../portal/media-ports.ts';
import type { SlackPort } from '../portal/ports.ts';
import { tooLarge } from './quotas.ts';
import type { FileLimits } from './quotas.ts';

interface Sides {
  readonly slack: Pick<SlackPort, 'stage'>;
  readonly matrix: Pick<MediaFiles, 'open'>;
  readonly limits: Pick<FileLimits, 'largest'>;
  /** The process ends: nothing is read any more. */
  readonly ended: AbortSignal;
}

/** Brings a file from the homeserver to Slack. Nobody sees it there before it is shared, and Slack forgets what isn't. */
export async function bringToSlack(
  { slack, matrix, limits, ended }: Sides,
  team: TeamId,
  file: MatrixFile,
): Promise<Arrived> {
  const { stream, length = file.size } = await matrix.open(file);
  addAbortSignal(ended, stream);
  const reading: Reading = {};
  try {
    if (length === undefined)
      throw new CannotBridge('file-length', 'the homeserver does not say how long it is');
    if (length > limits.largest) throw tooLarge(limits.largest);
    const name = cleanFileName(file.name);
    const target = await slack.stage(team, { name, length, body: exactly(stream, length, reading) });
    return { target, size: length, mimetype: file.mimetype ?? 'application/octet-stream' };
  } catch (error) {
    throw reading.failure ?? error;
  } finally {
    stream.on('error', () => undefined).destroy();
  }
}

interface Reading {
  /** Why it could not be read to its end: who sends it on sees only that it broke off. */
  failure?: Error;
}

async function* exactly(
  stream: AsyncIterable<Uint8Array>,
  length: number,
  reading: Reading,
): AsyncGenerator<Uint8Array, void> {
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > length) throw new CannotBridge('file-longer', 'it is longer than it should be');
      yield chunk;
    }
    if (size < length) throw new TryLater('the download from the homeserver broke off');
  } catch (error) {
    reading.failure =
      error instanceof CannotBridge || error instanceof TryLater
        ? error
        : new TryLater('the download from the homeserver broke off', { cause: error });
    throw reading.failure;
  }
}
