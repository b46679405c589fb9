import { createHash } from 'node:crypto';

import { encodePng } from './png.ts';
import type { Rgb } from './png.ts';

/** A made-up landscape, as a PNG: sky, a sun, hills and water that follow from `seed`. */
export function sceneryPicture(seed: string, width: number, height: number): Buffer {
  const digest = createHash('sha256').update(seed).digest();
  const part = (index: number): number => (digest[index] ?? 0) / 255;
  const dusk = part(0);
  const sky: readonly [Rgb, Rgb] = [
    mix([70, 130, 200], [60, 40, 110], dusk),
    mix([190, 220, 240], [250, 160, 100], dusk),
  ];
  const sun = { x: 0.15 + part(1) * 0.7, y: 0.2 + part(2) * 0.25, radius: 0.05 + part(3) * 0.04 };
  const hills = [0, 1, 2].map((layer) => ({
    base: 0.5 + layer * 0.09,
    high: 0.12 - layer * 0.03,
    waves: 2 + part(4 + layer) * 5,
    shift: part(8 + layer) * 6,
    color: mix(mix([60, 90, 70], [40, 30, 60], dusk), [15, 25, 20], layer / 3),
  }));
  return encodePng(width, height, (left, top) => {
    const [x, y] = [left / width, top / height];
    const ridge = hills.findLast(
      ({ base, high, waves, shift }) =>
        y > base - high * (0.6 * Math.sin(x * waves + shift) + 0.4 * Math.sin(x * waves * 2.7 + shift * 3)),
    );
    if (y > 0.8) return mix(sky[1], [20, 40, 70], (y - 0.8) * 3 + 0.08 * Math.sin(y * 300 + x * 20));
    if (ridge) return ridge.color;
    const away = Math.hypot((x - sun.x) * (width / height), y - sun.y);
    if (away < sun.radius) return [255, 244, 214];
    return mix([255, 230, 180], mix(sky[0], sky[1], y * 1.6), Math.min(1, 0.5 + away * 2));
  });
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const amount = Math.min(1, Math.max(0, share));
  const value = (index: 0 | 1 | 2): number => Math.round(one[index] + (other[index] - one[index]) * amount);
  return [value(0), value(1), value(2)];
}
