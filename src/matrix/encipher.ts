import { createCipheriv, createHash } from 'node:crypto';
import type { MatrixCipher } from '../events.ts';

/** What a file is enciphered with: used for one file only. */
export interface FileKeys {
  /** 32 bytes. */
  readonly key: Buffer;
  /** 8 bytes; beside them the blocks are counted. */
  readonly nonce: Buffer;
}

/** A file that becomes unreadable to all who don't have its cipher; as many bytes as before. */
export interface Enciphered {
  /** Read once. */
  readonly bytes: AsyncGenerator<Buffer>;
  /** What its readers need. Throws before all bytes were read: it holds their checksum. */
  readonly cipher: () => MatrixCipher;
}

/**
 * Enciphers the bytes of a file as they come, for encrypted rooms.
 * @see https://spec.matrix.org/latest/client-server-api/#sending-encrypted-attachments
 */
export function encipher(plain: AsyncIterable<Uint8Array>, { key, nonce }: FileKeys): Enciphered {
  const iv = Buffer.concat([nonce, Buffer.alloc(8)]);
  const secret = createCipheriv('aes-256-ctr', key, iv);
  const hash = createHash('sha256');
  let sha256: Buffer | undefined;

  async function* enciphered(): AsyncGenerator<Buffer> {
    for await (const chunk of plain) {
      const next = secret.update(chunk);
      hash.update(next);
      yield next;
    }
    sha256 = hash.digest();
  }

  return {
    bytes: enciphered(),
    cipher: () => {
      if (!sha256) throw new Error('The checksum of a file is known only when all of it was read');
      return { key: key.toString('base64url'), iv: unpadded(iv), sha256: unpadded(sha256) };
    },
  };
}

/** The `file` of an event: where the bytes are, and how they are read. */
export function encryptedFile(
  url: string,
  { key, iv, sha256 }: MatrixCipher,
): Readonly<Record<string, unknown>> {
  return {
    v: 'v2',
    url,
    key: { kty: 'oct', key_ops: ['encrypt', 'decrypt'], alg: 'A256CTR', k: key, ext: true },
    iv,
    hashes: { sha256 },
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
