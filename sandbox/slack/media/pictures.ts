import { createHash } from 'node:crypto';

import { encodePng } from './png.ts';
import type { Rgb } from './png.ts';

const cache = new Map<string, Buffer | Promise<Buffer>>();
const MOST_CACHED = 500;

/** A square picture that follows from `hash`: a mirrored pattern of five by five fields, as a PNG. */
export function avatarPicture(hash: string, size: number): Buffer {
  return cached(`${hash} ${size}`, () => {
    const digest = createHash('sha256').update(hash).digest();
    const ink = colorOf(digest);
    return encodePng(size, size, (x, y) => {
      const column = Math.floor((x * 5) / size);
      const row = Math.floor((y * 5) / size);
      const bit = row * 3 + Math.min(column, 4 - column);
      return ((digest[4 + bit] ?? 0) & 1) === 1 ? ink : [240, 240, 240];
    });
  });
}

function colorOf(digest: Buffer): Rgb {
  return [(digest[0] ?? 0) % 200, (digest[1] ?? 0) % 200, (digest[2] ?? 0) % 200];
}

/** What was made for `key` before, while there is room. */
export function cached<Made extends Buffer | Promise<Buffer>>(key: string, make: () => Made): Made {
  // Each caller's keys have a form of their own, and so always the same kind of value.
  const known = cache.get(key) as Made | undefined;
  if (known) return known;
  if (cache.size >= MOST_CACHED) cache.clear();
  const picture = make();
  cache.set(key, picture);
  return picture;
}
