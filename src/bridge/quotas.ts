import { CannotBridge } from '../errors.ts';
import { sizeLabel } from '../portal/file-label.ts';
import type { CarriedFile, MediaStore } from '../portal/media-ports.ts';

/** In bytes; infinity: none. */
export interface FileLimits {
  readonly largest: number;
  readonly portalPerDay: number;
  readonly personPerDay: number;
}

/** Throws `CannotBridge` for a file that is over a limit, with words that name it and say when there is room again. */
export type CheckLimits = (file: CarriedFile) => Promise<void>;

/** @param store knows the file already: what came before it counts. */
export function createLimits(
  store: Pick<MediaStore, 'used' | 'freeAt'>,
  { largest, portalPerDay, personPerDay }: FileLimits,
): CheckLimits {
  return async (file) => {
    const { key, size = 0 } = file;
    if (size > largest) throw tooLarge(largest);
    if (portalPerDay === Infinity && personPerDay === Infinity) return;
    const used = await store.used(key);
    for (const [scope, most, who] of [
      ['sender', personPerDay, 'one person may send'],
      ['portal', portalPerDay, 'this room and its channel may send each other'],
    ] as const) {
      const over = used[scope] + size - most;
      if (over <= 0) continue;
      const at = size > most ? undefined : await store.freeAt(key, scope, over);
      throw new CannotBridge('file-quota', `more than ${who} in 24 hours (${sizeLabel(most)})${again(at)}`);
    }
  };
}

export function tooLarge(most: number): CannotBridge {
  return new CannotBridge('file-too-large', `too large for this bridge: at most ${sizeLabel(most)}`);
}

function again(at: number | undefined): string {
  if (at === undefined) return '';
  const minute = new Date(Math.ceil(at / 60_000) * 60_000).toISOString();
  return `; there is room for it from ${minute.slice(0, 10)} ${minute.slice(11, 16)} UTC on`;
}
