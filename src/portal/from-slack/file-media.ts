import type { SlackFile } from '../../events.ts';
import { cleanFileName } from '../../format/names.ts';
import type { FileInMatrix, OutgoingMedia } from '../ports.ts';

/**
 * A file that is on the homeserver as the room shows it. What it is was seen in its bytes: Slack's word for it comes from
 * its name, and a page or program that is called a picture is not shown as one.
 */
export function mediaOf(
  file: SlackFile,
  { url, cipher, size, mimetype }: FileInMatrix,
  thumbnail?: FileInMatrix,
): OutgoingMedia {
  const { altText, duration, height, waveform, width } = file;
  const kind = kindOf(mimetype, file);
  const isSeen = kind === 'image' || kind === 'video';
  const isHeard = kind === 'video' || kind === 'audio' || kind === 'voice';
  return {
    kind,
    url,
    ...(cipher && { cipher }),
    name: cleanFileName(file.name),
    mimetype: kind === 'voice' ? soundType(mimetype) : mimetype,
    size,
    ...(isSeen && width !== undefined && height !== undefined && { width, height }),
    ...(isHeard && duration !== undefined && { duration }),
    ...(kind === 'voice' && waveform && { waveform }),
    ...(isSeen && thumbnail && thumbnailOf(file, thumbnail)),
    ...(kind === 'image' && altText !== undefined && { altText }),
  };
}

function thumbnailOf(
  { thumbnail: shown }: SlackFile,
  { url, cipher, mimetype, size }: FileInMatrix,
): Pick<OutgoingMedia, 'thumbnail'> {
  if (!shown || !pictures.has(mimetype)) return {};
  const { width, height } = shown;
  return { thumbnail: { url, ...(cipher && { cipher }), mimetype, size, width, height } };
}

/** Pictures that clients show by themselves. */
const pictures: ReadonlySet<string> = new Set([
  'image/apng',
  'image/avif',
  'image/bmp',
  'image/gif',
  'image/jpeg',
  'image/png',
  'image/vnd.mozilla.apng',
  'image/webp',
]);

/** Pictures that not all clients show: they need a smaller one that all do. Drawings in SVG can hold programs and are none. */
const rarePictures: ReadonlySet<string> = new Set(['image/heic', 'image/heif', 'image/jxl', 'image/tiff']);

function kindOf(mimetype: string, { thumbnail, voice }: SlackFile): OutgoingMedia['kind'] {
  const [type] = mimetype.split('/', 1);
  if (voice && (type === 'audio' || type === 'video')) return 'voice'; // a box for films may hold sound alone
  if (pictures.has(mimetype) || (thumbnail && rarePictures.has(mimetype))) return 'image';
  return type === 'video' || type === 'audio' ? type : 'file';
}

function soundType(mimetype: string): string {
  return mimetype === 'audio/x-m4a' ? 'audio/mp4' : mimetype.replace(/^video\//, 'audio/');
}
