import { encodePng } from './png.ts';
import type { Rgb } from './png.ts';
import { readPng } from './read-png.ts';
import type { Pixels } from './read-png.ts';

/** The sizes that Slack makes of a picture, by its longer side. */
export const thumbSizes = [64, 80, 160, 360, 480, 720, 800, 960, 1024] as const;
/** Slack cuts these to a square. */
export const squareThumbs: ReadonlySet<number> = new Set([64, 80, 160]);

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How large the thumbnail of a picture is. */
export function thumbSize({ width, height }: Size, size: number): Size {
  if (squareThumbs.has(size)) return { width: size, height: size };
  const scale = Math.min(1, size / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** A smaller PNG of a plain PNG; `undefined` for a picture that isn't read here. */
export function makeThumbnail(picture: Buffer, size: number): Buffer | undefined {
  const pixels = readPng(picture);
  return pixels && encodeScaled(pixels, size);
}

function encodeScaled(pixels: Pixels, size: number): Buffer {
  const target = thumbSize(pixels, size);
  const isSquare = squareThumbs.has(size);
  // A square one shows the middle.
  const side = Math.min(pixels.width, pixels.height);
  const part = isSquare ? { width: side, height: side } : pixels;
  const left = (pixels.width - part.width) / 2;
  const top = (pixels.height - part.height) / 2;
  const [wide, high] = [part.width / target.width, part.height / target.height];
  return encodePng(target.width, target.height, (x, y) =>
    mean(pixels, [left + x * wide, top + y * high, left + (x + 1) * wide, top + (y + 1) * high]),
  );
}

type Area = readonly [left: number, top: number, right: number, bottom: number];

function mean({ width, height, points }: Pixels, [left, top, right, bottom]: Area): Rgb {
  const sum = [0, 0, 0];
  let count = 0;
  const [endX, endY] = [
    Math.min(width, Math.max(right, left + 1)),
    Math.min(height, Math.max(bottom, top + 1)),
  ];
  for (let y = Math.floor(top); y < endY; y += 1) {
    for (let x = Math.floor(left); x < endX; x += 1) {
      const at = (y * width + x) * 4;
      for (let channel = 0; channel < 3; channel += 1)
        sum[channel] = (sum[channel] ?? 0) + (points[at + channel] ?? 0);
      count += 1;
    }
  }
  const value = (channel: number): number => Math.round((sum[channel] ?? 0) / Math.max(1, count));
  return [value(0), value(1), value(2)];
}
