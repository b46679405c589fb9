import type { MatrixCipher, MatrixFile } from '../events.ts';
import { InvalidId, mxcUri } from '../ids.ts';
import type { MxcUri } from '../ids.ts';
import { countAt, isObject, numberAt, objectAt, objectsAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';

const kinds: Readonly<Record<string, MatrixFile['kind']>> = {
  'm.image': 'image',
  'm.video': 'video',
  'm.audio': 'audio',
  'm.file': 'file',
};

/** Before and after it becomes part of the specification. */
const galleryTypes: ReadonlySet<string> = new Set(['dm.filament.gallery', 'm.gallery']);
const voiceKeys = ['org.matrix.msc3245.voice', 'org.matrix.msc3245.voice.v2', 'm.voice'] as const;
const altTextKeys = ['m.alt_text', 'org.matrix.msc1767.alt_text'] as const;
const textKeys = ['m.text', 'org.matrix.msc1767.text'] as const;

/** More don't fit an event that homeservers take. */
const mostFiles = 100;
const longestName = 1000;
const longestAltText = 10_000;

/**
 * The files of a message; empty for what has none.
 *
 * | Matrix                                             | files                                              |
 * | -------------------------------------------------- | -------------------------------------------------- |
 * | `m.image`, `m.video`, `m.audio`, `m.file`          | one                                                |
 * | `m.audio` that says that it is a voice message     | one, `voice`                                       |
 * | `m.sticker`                                        | one, `sticker`; its text says what is to be seen   |
 * | a gallery                                          | its items, in their order                          |
 *
 * Total: what can't be read of a file is as if it weren't there.
 * @see https://spec.matrix.org/latest/client-server-api/#mroommessage-msgtypes
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/3245
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/4274
 */
export function filesOf(type: string, content: JsonObject): readonly MatrixFile[] {
  if (type === 'm.sticker') return [fileOf('sticker', content)];
  const msgtype = textAt(content, 'msgtype') ?? '';
  if (isGallery(msgtype))
    return objectsAt(content, 'itemtypes')
      .slice(0, mostFiles)
      .map((item) => fileOf(kindOf(textAt(item, 'itemtype') ?? '', item) ?? 'file', item));
  const kind = kindOf(msgtype, content);
  return kind === undefined ? [] : [fileOf(kind, content)];
}

/** Its text is the caption of all its files; they have captions of their own at most. */
export function isGallery(msgtype: string): boolean {
  return galleryTypes.has(msgtype);
}

/** Where a file has a name of its own, a body that differs from it is its caption. Stickers have none. */
export function hasCaption(content: JsonObject): boolean {
  const filename = textAt(content, 'filename');
  return filename !== undefined && filename !== '' && textAt(content, 'body') !== filename;
}

function kindOf(msgtype: string, content: JsonObject): MatrixFile['kind'] | undefined {
  const kind = Object.hasOwn(kinds, msgtype) ? kinds[msgtype] : undefined;
  return kind === 'audio' && voiceKeys.some((key) => isObject(content[key])) ? 'voice' : kind;
}

function fileOf(kind: MatrixFile['kind'], content: JsonObject): MatrixFile {
  const info = objectAt(content, 'info');
  const mimetype = textAt(info, 'mimetype')?.slice(0, longestName);
  const sizes = {
    size: countAt(info, 'size'),
    width: countAt(info, 'w'),
    height: countAt(info, 'h'),
    duration: durationOf(info),
  };
  const altText = altTextOf(kind, content);
  return {
    kind,
    name: nameOf(kind, content),
    ...bytesOf(content),
    ...(sizes.size !== undefined && { size: sizes.size }),
    ...(mimetype !== undefined && { mimetype }),
    ...(sizes.width !== undefined && { width: sizes.width }),
    ...(sizes.height !== undefined && { height: sizes.height }),
    ...(sizes.duration !== undefined && { duration: sizes.duration }),
    ...(altText !== undefined && { altText }),
  };
}

function nameOf(kind: MatrixFile['kind'], content: JsonObject): string {
  const name = textAt(content, 'filename') || textAt(content, 'body') || kind;
  return name.slice(0, longestName);
}

/** Some clients give it with fractions. */
function durationOf(info: JsonObject): number | undefined {
  const duration = numberAt(info, 'duration');
  return duration === undefined || duration < 0 ? undefined : Math.round(duration);
}

/** Said as such; of a sticker what its text says; of a gallery's item its own caption. */
function altTextOf(kind: MatrixFile['kind'], content: JsonObject): string | undefined {
  const said = altTextKeys.map((key) => textIn(content[key])).find((each) => each !== undefined);
  const isItem = content['itemtype'] !== undefined;
  const body = kind === 'sticker' || (isItem && hasCaption(content)) ? textAt(content, 'body') : undefined;
  return (said ?? body)?.slice(0, longestAltText).trim() || undefined;
}

function textIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return undefined;
  const forms = textKeys.flatMap((key) => objectsAt(value, key));
  return forms.map((form) => textAt(form, 'body')).find((body) => body !== undefined);
}

/**
 * Where the bytes are, and how they are read. A file whose cipher can't be read has no address: its bytes would be noise.
 * @see https://spec.matrix.org/latest/client-server-api/#extensions-to-mroommessage-msgtypes
 */
function bytesOf(content: JsonObject): Pick<MatrixFile, 'url' | 'cipher'> {
  const file = content['file'];
  if (!isObject(file)) {
    const url = addressIn(content['url']);
    return url === undefined ? {} : { url };
  }
  const url = addressIn(file['url']);
  const cipher = cipherIn(file);
  return url === undefined || cipher === undefined ? {} : { url, cipher };
}

function cipherIn(file: JsonObject): MatrixCipher | undefined {
  const key = textAt(objectAt(file, 'key'), 'k') ?? '';
  const iv = textAt(file, 'iv') ?? '';
  const sha256 = textAt(objectAt(file, 'hashes'), 'sha256') ?? '';
  const isWhole = hasBytes(key, 32) && hasBytes(iv, 16) && hasBytes(sha256, 32);
  return file['v'] === 'v2' && isWhole ? { key, iv, sha256 } : undefined;
}

/** Base64 of so many bytes, in either alphabet, padded or not. */
function hasBytes(value: string, bytes: number): boolean {
  if (!/^[\w+/-]{1,64}={0,2}$/.test(value)) return false;
  return Buffer.from(value, 'base64').length === bytes;
}

function addressIn(value: unknown): MxcUri | undefined {
  try {
    return mxcUri(value);
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
}
