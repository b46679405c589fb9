import { failpoint } from '#failpoint';
import { addAbortSignal, Readable } from 'node:stream';
import { CannotBridge, TryLater } from '../errors.ts';
import type { FileKey } from '../errors.ts';
import type { SlackFile } from '../events.ts';
import { mxcUri } from '../ids.ts';
import type { MxcUri } from '../ids.ts';
import { encipher } from '../matrix/encipher.ts';
import type { MediaFiles } from '../matrix/media-files.ts';
import { sizeLabel } from '../portal/file-label.ts';
import type { Arrived, MediaStore } from '../portal/media-ports.ts';
import type { FilePlace } from '../portal/ports.ts';
import type { OpenFile, OpenSlackFile, WantedFile } from '../slack/downloads.ts';
import { tooLarge } from './quotas.ts';
import type { FileKeyRing } from './file-keys.ts';
import type { Largest } from './quotas.ts';
import type { TransferPace } from './transfer-pace.ts';

interface Sides {
  readonly store: Pick<MediaStore, 'aim' | 'miss'>;
  readonly slack: { readonly openFile: OpenSlackFile };
  readonly matrix: Pick<MediaFiles, 'limit' | 'reserve' | 'uploaded' | 'upload'>;
  readonly largest: Largest;
  /** The process ends: nothing is read any more. */
  readonly ended: AbortSignal;
  readonly pace: Pick<TransferPace, 'paced'>;
  readonly keys: Pick<FileKeyRing, 'make'>;
}

interface Wanted {
  readonly where: Pick<FilePlace, 'team' | 'account' | 'encrypted'>;
  readonly key: FileKey;
  readonly file: SlackFile;
  readonly kind: 'file' | 'thumbnail';
}

/** A file of which Slack's host doesn't say how long it is may have so many bytes: they are counted before they are sent. */
const mostUncounted = 1024 * 1024;

/**
 * Brings a file from Slack to the homeserver, once: the address there is made and remembered, then the bytes follow. An
 * address that an earlier try made is used again, and may have the bytes already.
 */
export async function bringToMatrix(sides: Sides, wanted: Wanted, target?: string): Promise<Arrived> {
  const { store, slack, matrix } = sides;
  const limit = (await matrix.limit()) ?? Infinity;
  const most = Math.min(limit, sides.largest.bytes);
  const tooLong = () => (most === limit ? tooLargeThere(limit) : tooLarge(sides.largest));
  const description = described(wanted, most);
  if ((description.size ?? 0) > most) throw tooLong();
  const before = target === undefined ? undefined : mxcUri(target);
  const there = before === undefined ? undefined : await matrix.uploaded(before);
  // what was enciphered by a try that came no further can't be read by anybody
  const isLost = there === 'gone' || (there !== undefined && wanted.where.encrypted === true);
  if (before !== undefined && there !== undefined) {
    if (!isLost) return { target: before, ...there };
    await store.miss(wanted.key, before);
  }
  const opened = await slack.openFile(wanted.where, description);
  addAbortSignal(sides.ended, opened.stream);
  try {
    if (opened.length !== undefined && opened.length > most) throw tooLong();
    const body = await counted(opened, most);
    const reserved = isLost || before === undefined ? await reserve(sides, wanted.key) : before;
    return await bring(sides, wanted, body, reserved);
  } finally {
    opened.stream.on('error', () => undefined).destroy();
  }
}

async function bring(
  sides: Sides,
  { key, where }: Wanted,
  body: Counted,
  reserved: MxcUri | undefined,
): Promise<Arrived> {
  const { matrix, pace, keys } = sides;
  const { length, mimetype } = body;
  const paced = pace.paced(body.stream);
  if (where.encrypted !== true) {
    const stream = Readable.from(paced, { objectMode: false });
    const mxc = await matrix.upload({ length, mimetype, stream }, reserved);
    return { target: await placeOf(sides, key, mxc, reserved), size: length, mimetype };
  }
  const made = await keys.make();
  const { bytes, cipher } = encipher(paced, made.keys);
  const stream = Readable.from(bytes, { objectMode: false });
  const mxc = await matrix.upload({ length, mimetype: 'application/octet-stream', stream }, reserved);
  if (mxc === 'taken') throw new TryLater('somebody else is bringing it to the homeserver');
  const target = await placeOf(sides, key, mxc, reserved);
  return { target, size: length, mimetype, sealed: { nonce: made.nonce, sha256: cipher().sha256 } };
}

function described({ file, kind }: Wanted, most: number): WantedFile {
  const { url, size, mimetype } = file;
  const address = kind === 'file' ? url : file.thumbnail?.url;
  if (address === undefined) throw new CannotBridge('file-address', 'Slack has nothing to fetch for it');
  if (kind === 'thumbnail') return { url: address, most };
  return {
    url: address,
    ...(size !== undefined && { size }),
    ...(mimetype !== undefined && { mimetype }),
    most,
  };
}

function tooLargeThere(most: number): CannotBridge {
  return new CannotBridge('file-too-large', `too large for this homeserver: at most ${sizeLabel(most)}`);
}

async function reserve({ store, matrix }: Sides, key: FileKey): Promise<MxcUri | undefined> {
  const mxc = await matrix.reserve();
  if (mxc === undefined) return undefined;
  const aimed = await store.aim(key, mxc);
  failpoint('transfer', 'aimed');
  return mxcUri(aimed);
}

/** Where it is now. */
async function placeOf(
  { store, matrix }: Sides,
  key: FileKey,
  uploaded: MxcUri | 'taken' | 'gone',
  reserved: MxcUri | undefined,
): Promise<MxcUri> {
  if (uploaded !== 'taken' && uploaded !== 'gone') return uploaded;
  if (reserved && uploaded === 'gone') await store.miss(key, reserved);
  const there = reserved && uploaded === 'taken' ? await matrix.uploaded(reserved) : undefined;
  if (reserved && there && there !== 'gone') return reserved;
  throw new TryLater('somebody else is bringing it to the homeserver');
}

interface Counted {
  readonly stream: Readable;
  readonly length: number;
  readonly mimetype: string;
}

/** A homeserver wants to know the length first. */
async function counted({ stream, length, mimetype }: OpenFile, most: number): Promise<Counted> {
  if (length !== undefined) return { stream, length, mimetype };
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > Math.min(most, mostUncounted))
      throw new CannotBridge('file-length', 'Slack does not say how long it is');
  }
  return { stream: Readable.from(chunks, { objectMode: false }), length: size, mimetype };
}
