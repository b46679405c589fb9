import { hkdfSync, randomBytes } from 'node:crypto';
import type { MatrixCipher } from '../events.ts';
import type { FileKeys } from '../matrix/encipher.ts';
import type { SealedFile } from '../portal/media-ports.ts';

/** The keys of files in encrypted rooms: each its own, and none of them kept. */
export interface FileKeyRing {
  make(): Promise<{ readonly nonce: string; readonly keys: FileKeys }>;
  /** What the readers of a file that was brought need. */
  cipherOf(file: SealedFile): Promise<MatrixCipher>;
}

const info = 'matrix-slack-bridge file';

/** @param secret 32 bytes, the same in all processes. */
export function createFileKeys(secret: () => Promise<Buffer>): FileKeyRing {
  async function keysOf(nonce: Buffer): Promise<FileKeys> {
    const bytes = Buffer.from(hkdfSync('sha256', await secret(), nonce, info, 40));
    return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32) };
  }
  return {
    async make() {
      const nonce = randomBytes(16);
      return { nonce: nonce.toString('base64'), keys: await keysOf(nonce) };
    },
    async cipherOf({ nonce, sha256 }) {
      const keys = await keysOf(Buffer.from(nonce, 'base64'));
      const iv = Buffer.concat([keys.nonce, Buffer.alloc(8)])
        .toString('base64')
        .replaceAll('=', '');
      return { key: keys.key.toString('base64url'), iv, sha256 };
    },
  };
}
