import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

const CHUNK = 64 * 1024;

/** Bytes `from` up to `to` of an endless content that follows from `seed`; any range is made without what's before it. */
export function patternStream(seed: number, from: number, to: number): Readable {
  return Readable.from(patternChunks(seed, from, to));
}

function* patternChunks(seed: number, from: number, to: number): Generator<Buffer> {
  let at = from;
  while (at < to) {
    const index = Math.floor(at / CHUNK);
    const chunk = patternChunk(seed, index);
    const start = at - index * CHUNK;
    const end = Math.min(CHUNK, start + (to - at));
    yield chunk.subarray(start, end);
    at += end - start;
  }
}

/** Each chunk is its own digest, repeated: cheap to make, and different from every other chunk. */
function patternChunk(seed: number, index: number): Buffer {
  return Buffer.alloc(CHUNK, createHash('sha256').update(`${seed} ${index}`).digest());
}
