import { cleanFileName } from './names.ts';

/** Types of files as people send them, with the endings that their names have; the first is given to those without one. */
const endings: Readonly<Record<string, readonly string[]>> = {
  'application/gzip': ['gz', 'tgz'],
  'application/json': ['json'],
  'application/msword': ['doc'],
  'application/ogg': ['ogg', 'oga', 'ogv'],
  'application/pdf': ['pdf'],
  'application/rtf': ['rtf'],
  'application/vnd.ms-excel': ['xls', 'xlsx', 'csv'],
  'application/vnd.ms-powerpoint': ['ppt', 'pptx'],
  'application/vnd.oasis.opendocument.presentation': ['odp'],
  'application/vnd.oasis.opendocument.spreadsheet': ['ods'],
  'application/vnd.oasis.opendocument.text': ['odt'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['pptx'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
  'application/x-7z-compressed': ['7z'],
  'application/zip': ['zip', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'jar', 'apk', 'epub'],
  'audio/aac': ['aac', 'm4a'],
  'audio/flac': ['flac'],
  'audio/mp4': ['m4a', 'mp4', 'aac'],
  'audio/mpeg': ['mp3', 'mpga'],
  'audio/ogg': ['ogg', 'oga', 'opus'],
  'audio/opus': ['opus', 'ogg'],
  'audio/wav': ['wav'],
  'audio/webm': ['webm', 'weba'],
  'audio/x-m4a': ['m4a'],
  'audio/x-wav': ['wav'],
  'image/apng': ['apng', 'png'],
  'image/avif': ['avif'],
  'image/bmp': ['bmp'],
  'image/gif': ['gif'],
  'image/heic': ['heic', 'heif'],
  'image/heif': ['heif', 'heic'],
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif'],
  'image/jxl': ['jxl'],
  'image/png': ['png', 'apng'],
  'image/svg+xml': ['svg', 'svgz'],
  'image/tiff': ['tiff', 'tif'],
  'image/webp': ['webp'],
  'text/calendar': ['ics'],
  'text/css': ['css'],
  'text/csv': ['csv'],
  'text/html': ['html', 'htm'],
  'text/markdown': ['md', 'markdown'],
  'text/vcard': ['vcf'],
  'video/mp4': ['mp4', 'm4v'],
  'video/ogg': ['ogv', 'ogg'],
  'video/quicktime': ['mov', 'qt'],
  'video/webm': ['webm'],
  'video/x-matroska': ['mkv'],
};

const known: ReadonlySet<string> = new Set(Object.values(endings).flat());

/**
 * The name that a file gets on the other side: without what could deceive, and without folders; with an ending that fits
 * its type, so that others open it as what it is. A picture, video or sound whose ending says that it is something else
 * gets another one behind it. Never empty.
 *
 * @param mimetype as somebody says; anything else than a type that is known here changes nothing.
 */
export function fileName(name: string, mimetype: string | undefined): string {
  const own = cleanFileName(name);
  const type = (mimetype ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const fitting = Object.hasOwn(endings, type) ? (endings[type] ?? []) : [];
  const ending = /\.((?=[0-9]*[a-z])[a-z0-9]{1,10})$/i.exec(own)?.[1]?.toLowerCase();
  const [wanted] = fitting;
  if (wanted === undefined || (ending !== undefined && fitting.includes(ending))) return own;
  const deceives = ending !== undefined && known.has(ending) && /^(?:image|video|audio)\//.test(type);
  return ending !== undefined && !deceives ? own : cleanFileName(`${own}.${wanted}`);
}
