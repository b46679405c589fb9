import { createHash } from 'node:crypto';

import { encodePng } from './png.ts';
import type { Rgb } from './png.ts';

const cache = new Map<string, Buffer>();
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

/** A gradient that stands for the picture of a file that isn't decoded. */
export function thumbnailPicture(seed: string, width: number, height: number): Buffer {
  return cached(`${seed} ${width} ${height}`, () => {
    const [red, green, blue] = colorOf(createHash('sha256').update(seed).digest());
    return encodePng(width, height, (x, y) => [(red + x) % 256, (green + y) % 256, blue]);
  });
}

function colorOf(digest: Buffer): Rgb {
  return [(digest[0] ?? 0) % 200, (digest[1] ?? 0) % 200, (digest[2] ?? 0) % 200];
}

function cached(key: string, make: () => Buffer): Buffer {
  const known = cache.get(key);
  if (known) return known;
  if (cache.size >= MOST_CACHED) cache.clear();
  const picture = make();
  cache.set(key, picture);
  return picture;
}
