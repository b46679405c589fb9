import type { FileKey } from '../errors.ts';
import type { PortalId } from '../ids.ts';
import type { CarriedFile } from '../portal/media-ports.ts';

/** By what a transfer is known: which file it is, of which portal. */
/** What was enciphered is another file on the homeserver than the same in clear. */
export function sealedKey(key: FileKey): FileKey {
  return `media:sealed:${key.slice('media:'.length)}`;
}

export function mediaKey(portal: PortalId, kind: CarriedFile['kind'], source: string): FileKey {
  return `media:${portal}:${kind}:${source}`;
}
