import { CannotBridge } from '../errors.ts';
import { sizeLabel } from '../portal/file-label.ts';
import type { PortalId } from '../ids.ts';
import type { CarriedFile, MediaStore } from '../portal/media-ports.ts';

/** In bytes; infinity: none. */
export interface FileLimits {
  readonly largest: number;
  readonly portalPerDay: number;
  readonly personPerDay: number;
}

/** The largest file that may go across, in bytes, and whose limit that is. */
export interface Largest {
  readonly bytes: number;
  readonly of: 'bridge' | 'room';
}

/** A room's own limit, which people chose, counts where it is less than the bridge's. */
export function largestIn({ largest }: Pick<FileLimits, 'largest'>, ofRoom: number): Largest {
  return ofRoom > 0 && ofRoom < largest ? { bytes: ofRoom, of: 'room' } : { bytes: largest, of: 'bridge' };
}

/** Throws `CannotBridge` for a file that is over a limit, with words that name it and say when there is room again. */
export type CheckLimits = (file: CarriedFile) => Promise<void>;

/** @param store knows the file already: what came before it counts. */
export function createLimits(
  store: Pick<MediaStore, 'used' | 'freeAt'>,
  { largest, portalPerDay, personPerDay }: FileLimits,
  ofRoom: (portal: PortalId) => number,
): CheckLimits {
  return async (file) => {
    const { key, portal, size = 0 } = file;
    const most = largestIn({ largest }, ofRoom(portal));
    if (size > most.bytes) throw tooLarge(most);
    if (portalPerDay === Infinity && personPerDay === Infinity) return;
    const used = await store.used(key);
    for (const [scope, allowed, who] of [
      ['sender', personPerDay, 'one person may send'],
      ['portal', portalPerDay, 'this room and its channel may send each other'],
    ] as const) {
      const over = used[scope] + size - allowed;
      if (over <= 0) continue;
      const at = size > allowed ? undefined : await store.freeAt(key, scope, over);
      throw new CannotBridge(
        'file-quota',
        `more than ${who} in 24 hours (${sizeLabel(allowed)})${again(at)}`,
      );
    }
  };
}

export function tooLarge({ bytes, of }: Largest): CannotBridge {
  return new CannotBridge('file-too-large', `too large for this ${of}: at most ${sizeLabel(bytes)}`);
}

function again(at: number | undefined): string {
  if (at === undefined) return '';
  const minute = new Date(Math.ceil(at / 60_000) * 60_000).toISOString();
  return `; there is room for it from ${minute.slice(0, 10)} ${minute.slice(11, 16)} UTC on`;
}
