/** Names of people and files as others may safely see them. */

/** What is invisible or turns the direction of writing, but for the joiners inside emoji and between Arabic letters. */
const invisible =
  /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D|\u200D(?!\p{Extended_Pictographic})|(?<!\p{Script=Arabic})\u200C|\u200C(?!\p{Script=Arabic})|(?![\u200C\u200D])\p{Cf}|\u034F|\u115F|\u1160|\u17B4|\u17B5|\u3164|\uFFA0|\uFFF9|\uFFFA|\uFFFB/gu;
/** Line ends, control characters and all kinds of spaces, one of which looks like an empty Braille cell. */
const spaces = /[\p{Cc}\p{Z}\u2800]+/gu;
const piledMarks = /(\p{M}{4})\p{M}+/gu;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How long a name may be, in what people take for characters; longer ones end in an ellipsis. */
const defaultLength = 80;

/**
 * A name without what could deceive or break a line: control characters, signs that turn the direction of writing,
 * invisible characters, piles of accents. Spaces fold to one. Empty if nothing is left: show the id then.
 *
 * The result is text, not markup: whoever puts it into HTML, mrkdwn or a `Doc` escapes it there as any text.
 */
export function cleanName(name: string, length: number = defaultLength): string {
  const cleaned = name
    .slice(0, 10_000)
    .toWellFormed()
    .normalize('NFC')
    .replace(spaces, ' ')
    .replace(invisible, '')
    .replace(piledMarks, '$1')
    .trim()
    .replace(/ {2,}/g, ' ');
  return truncate(cleaned, length);
}

/** The start of a text, in graphemes, with an ellipsis as the last of them where something was left out. */
export function truncate(value: string, length: number): string {
  if (value.length <= length) return value; // no grapheme is shorter than one unit
  const parts: string[] = [];
  for (const { segment } of graphemes.segment(value)) {
    if (parts.length === length) return `${parts.slice(0, -1).join('').trimEnd()}…`;
    parts.push(segment);
  }
  return value;
}

/** What most file systems take, in bytes and in what people take for characters. */
const longestFileName = { bytes: 240, graphemes: 120 };
/** The end by which a file's kind is known. */
const extension = /\.[\p{L}\p{N}]{1,12}$/u;

/**
 * A file's name that is only that: no path, nothing hidden, nothing that deceives or breaks a line, short enough to be
 * stored anywhere. A longer one keeps its extension. `file` where nothing is left.
 */
export function cleanFileName(name: string): string {
  const plain = cleanName(name, Number.MAX_SAFE_INTEGER)
    .replace(/[/\\]/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  const [end = ''] = extension.exec(plain) ?? [];
  const stem = fitted(plain.slice(0, plain.length - end.length), end);
  return `${stem}${end}` || 'file';
}

function fitted(stem: string, end: string): string {
  const room = {
    bytes: longestFileName.bytes - bytesOf(end),
    graphemes: longestFileName.graphemes - end.length,
  };
  if (bytesOf(stem) <= room.bytes && stem.length <= room.graphemes) return stem;
  let parts = 0;
  let start = '';
  for (const { segment } of graphemes.segment(stem)) {
    parts += 1;
    if (parts >= room.graphemes || bytesOf(`${start}${segment}…`) > room.bytes) return `${start.trimEnd()}…`;
    start += segment;
  }
  return start;
}

const encoder = new TextEncoder();

function bytesOf(value: string): number {
  return encoder.encode(value).length;
}
