import { CannotBridge, TryLater } from '../errors.ts';
import type { MatrixFile } from '../events.ts';
import { decipher } from './decipher.ts';
import type { Media } from './media.ts';

/** A file on its way from the homeserver. */
export interface Attachment {
  /** The file as it was sent, read once. Throws `CannotBridge` when it was changed, `TryLater` when it broke off. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes of `body`, where the homeserver says. */
  readonly length?: number;
  /** As the homeserver has it: what the uploader's client said. Absent for what is enciphered. */
  readonly mimetype?: string;
  /** For a body that isn't read to its end. */
  readonly close: () => void;
}

/**
 * Opens what somebody sent, deciphered where it has to be.
 * @throws CannotBridge when there is no file that can be read, or it is gone; TryLater
 */
export type OpenAttachment = (file: MatrixFile) => Promise<Attachment>;

/** A homeserver that sends less than this in so many milliseconds while it is waited for won't send all. */
const slow = { within: 30_000, bytes: 16 * 1024 };

export function createAttachments(
  media: Pick<Media, 'download'>,
  clock: () => number = () => performance.now(),
): OpenAttachment {
  return async ({ url, cipher }) => {
    if (url === undefined)
      throw new CannotBridge('no-file', 'the message doesn’t say where the file is, or how it is encrypted.');
    const { stream, mimetype, length } = await media.download(url);
    const bytes = exactly(notTooSlow(stream, clock), length);
    return {
      body: cipher ? decipher(bytes, cipher) : bytes,
      ...(length !== undefined && { length }), // the cipher changes no lengths
      ...(!cipher && { mimetype }),
      close: () => void stream.on('error', () => undefined).destroy(),
    };
  };
}

/** No more than was announced, and no less. */
async function* exactly(
  bytes: AsyncIterable<Uint8Array>,
  length: number | undefined,
): AsyncGenerator<Uint8Array> {
  let left = length ?? Infinity;
  for await (const chunk of bytes) {
    left -= chunk.length;
    if (left < 0) throw new CannotBridge('file-longer', 'it is longer than it should be');
    yield chunk;
  }
  if (length !== undefined && left > 0) throw new TryLater('the download from the homeserver broke off');
}

/** Only the time in which the homeserver is waited for counts. */
async function* notTooSlow(stream: AsyncIterable<unknown>, clock: () => number): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]();
  let lately = { waited: 0, bytes: 0 };
  for (;;) {
    const asked = clock();
    const next = await chunks.next().catch((error: unknown) => {
      throw new TryLater('the download from the homeserver broke off', { cause: error });
    });
    if (next.done === true) return;
    if (!(next.value instanceof Uint8Array)) throw new TryLater('the download can’t be read');
    lately = { waited: lately.waited + clock() - asked, bytes: lately.bytes + next.value.length };
    if (lately.waited >= slow.within) {
      if (lately.bytes < slow.bytes) throw new TryLater('the download from the homeserver is too slow');
      lately = { waited: 0, bytes: 0 };
    }
    yield next.value;
  }
}
