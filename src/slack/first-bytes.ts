import { fileTypeFromBuffer } from 'file-type';

/** So many bytes say what a file is. */
export const enough = 4100;

/** Formats that hold pictures or only sound alike: their first bytes don't say which, so the announced type stands. */
const containers =
  /^(?:audio|video|application)\/(?:x-)?(?:mp4|m4a|m4v|quicktime|3gpp2?|webm|matroska|ogg|mpeg)$/;

/** What a picture, a video or sound is told by. */
const media = /^(?:image|video|audio)\//;

/**
 * What a file is by its first bytes: no picture is read, nothing is unpacked. Where they say nothing, what was announced
 * stands, but not that it is a picture, a video or sound.
 */
export async function mimetypeOf(first: Uint8Array, announced: string | undefined): Promise<string> {
  const unknown = 'application/octet-stream';
  const named = announced === undefined ? undefined : cleanType(announced);
  const found = await fileTypeFromBuffer(first);
  if (found === undefined) {
    if (named === 'image/svg+xml' && isXml(first)) return named;
    return named === undefined || media.test(named) ? unknown : named;
  }
  if (named !== undefined && containers.test(named) && containers.test(found.mime)) return named;
  if (media.test(found.mime) || found.mime === 'application/pdf') return found.mime;
  // an archive, say, of which the announced type knows what is in it
  return named === undefined || media.test(named) ? found.mime : named;
}

/** Whether a browser would take it for a page. */
export function looksLikePage(first: Uint8Array): boolean {
  return /^\s*(?:<!--(?:(?!-->)[^])*-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]/i.test(beginning(first));
}

function isXml(first: Uint8Array): boolean {
  return /^\s*<(?:\?xml|!--|!doctype\s+svg|svg)/i.test(beginning(first));
}

function beginning(first: Uint8Array): string {
  return Buffer.from(first.subarray(0, 1024)).toString('latin1').replace(/^ï»¿/, '');
}

/** Without parameters; nothing that is no type. */
function cleanType(announced: string): string | undefined {
  const type = announced.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return /^[a-z0-9][a-z0-9.+_-]{0,100}\/[a-z0-9][a-z0-9.+_-]{0,100}$/.test(type) ? type : undefined;
}
