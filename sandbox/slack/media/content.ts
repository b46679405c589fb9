import { Readable } from 'node:stream';

import type { FileContent } from '../model.ts';
import type { Spool } from '../spool.ts';
import { patternStream } from './pattern.ts';

/** Bytes `from` up to `to` of a file. */
export function contentStream(spool: Spool, content: FileContent, from: number, to: number): Readable {
  switch (content.type) {
    case 'bytes':
      return Readable.from([content.bytes.subarray(from, to)]);
    case 'pattern':
      return patternStream(content.seed, from, to);
    case 'disk':
      return spool.read(content.name, from, to);
    case 'none':
      return Readable.from([]);
  }
}

/** The first bytes of a content that is in memory. */
export function contentHead(content: FileContent): Buffer {
  return content.type === 'bytes' ? content.bytes : Buffer.alloc(0);
}

/** All of it, for what is small. */
export async function contentBytes(spool: Spool, content: FileContent, size: number): Promise<Buffer> {
  if (content.type === 'bytes') return content.bytes;
  const chunks: Buffer[] = [];
  for await (const chunk of contentStream(spool, content, 0, size)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
