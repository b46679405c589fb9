import type { FileKey } from '../errors.ts';
import type { PortalId } from '../ids.ts';
import type { CarriedFile } from '../portal/media-ports.ts';

/** By what a transfer is known: which file it is, of which portal. */
export function mediaKey(portal: PortalId, kind: CarriedFile['kind'], source: string): FileKey {
  return `media:${portal}:${kind}:${source}`;
}
