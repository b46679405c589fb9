import { randomBytes, webcrypto } from 'node:crypto';
import type { MatrixCipher } from '../../src/events.ts';

/** Base64 as Matrix writes it. */
export const unpadded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '');

/** As a client does it in a browser: with a counter of 64 bits behind a nonce of 64. */
export async function enciphered(plain: Uint8Array): Promise<{ bytes: Buffer; cipher: MatrixCipher }> {
  const { subtle } = webcrypto;
  const key = await subtle.generateKey({ name: 'AES-CTR', length: 256 }, true, ['encrypt', 'decrypt']);
  const counter = Buffer.concat([randomBytes(8), Buffer.alloc(8)]);
  const bytes = Buffer.from(await subtle.encrypt({ name: 'AES-CTR', counter, length: 64 }, key, plain));
  const { k = '' } = await subtle.exportKey('jwk', key);
  const sha256 = unpadded(new Uint8Array(await subtle.digest('SHA-256', bytes)));
  return { bytes, cipher: { key: k, iv: unpadded(counter), sha256 } };
}

/** Bytes, some at a time. */
export async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All that came. */
export async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
