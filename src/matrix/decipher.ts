import { createDecipheriv, createHash } from 'node:crypto';
import { CannotBridge } from '../errors.ts';
import type { MatrixCipher } from '../events.ts';

/**
 * The bytes of a file in an encrypted room, as they come. What came last is kept back until the checksum of all was
 * compared, so that nobody gets a whole file that isn't the one that was sent.
 *
 * @throws CannotBridge at the end, when the enciphered bytes aren't those that the sender saw
 * @see https://spec.matrix.org/latest/client-server-api/#sending-encrypted-attachments
 */
export async function* decipher(
  enciphered: AsyncIterable<Uint8Array>,
  { key, iv, sha256 }: MatrixCipher,
): AsyncGenerator<Buffer> {
  const plain = createDecipheriv('aes-256-ctr', bytesOf(key), bytesOf(iv));
  const hash = createHash('sha256');
  let last: Buffer | undefined;
  for await (const chunk of enciphered) {
    hash.update(chunk);
    const next = plain.update(chunk);
    if (next.length === 0) continue;
    if (last !== undefined) yield last;
    last = next;
  }
  if (!hash.digest().equals(bytesOf(sha256)))
    throw new CannotBridge(
      'file-changed',
      'the file was changed on its way, or was not encrypted as it should be. Sending it again may help.',
    );
  if (last !== undefined) yield last;
}

/** Matrix writes base64 without padding, and keys in the alphabet for addresses. */
function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}
