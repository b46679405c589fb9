/** What single HTML elements say in a Matrix message. */
import { readHexColor } from './color.ts';
import { isEmojiName } from './emoji.ts';
import { readMatrixAddress } from './matrix-address.ts';
import type { Inline, Marks, Mention } from './tree.ts';
import { text } from './tree.ts';
import { safeUrl } from './url.ts';

export type Attributes = ReadonlyMap<string, string>;

/** The marks that an element sets on the text inside it; undefined if it sets none. */
export function marksOfElement(tag: string, attributes: Attributes): Marks | undefined {
  switch (tag) {
    case 'b':
    case 'strong':
    case 'summary':
      return { bold: true };
    case 'i':
    case 'em':
    case 'cite':
      return { italic: true };
    case 'u':
    case 'ins':
      return { underline: true };
    case 's':
    case 'del':
    case 'strike':
      return { strike: true };
    case 'code':
    case 'tt':
    case 'kbd':
    case 'samp':
      return { code: true };
    case 'span':
    case 'font':
    case 'div':
      return marksOfAttributes(attributes);
    default:
      return undefined;
  }
}

function marksOfAttributes(attributes: Attributes): Marks | undefined {
  const color = readHexColor(attributes.get('data-mx-color') ?? attributes.get('color') ?? '');
  const spoiler = attributes.has('data-mx-spoiler');
  if (color === undefined && !spoiler) return undefined;
  return { ...(color !== undefined && { color }), ...(spoiler && { spoiler }) };
}

/** Above or below the line. */
export type Raised = 'sup' | 'sub';

const signs = '0123456789+-=()';
const raisedSigns: Readonly<Record<Raised, string>> = { sup: '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾', sub: '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎' };

/**
 * Text above or below the line, where there is only the line: `x²` and `H₂O` with the characters that exist, else `x^n`,
 * `e^(iπ)`, `a_i`. Ordinals (`1st`) and notes (`[1]`) read as well without a sign.
 */
export function raisedText(raised: Raised, value: string): string {
  const chars = Array.from(value);
  if (value.trim() === '' || /^(?:st|nd|rd|th|\[.*\])$/i.test(value)) return value;
  if (chars.every((char) => signs.includes(char)))
    return chars.map((char) => raisedSigns[raised][signs.indexOf(char)] ?? char).join('');
  const sign = raised === 'sup' ? '^' : '_';
  return chars.length === 1 ? sign + value : `${sign}(${value})`;
}

/** Where an `a` leads: to somebody or some place, or to an address; undefined if it may lead nowhere. */
export type Anchor = { readonly mention: Mention } | { readonly url: string };

export function anchorOf(attributes: Attributes): Anchor | undefined {
  const address = attributes.get('href') ?? '';
  const onMatrix = readMatrixAddress(address);
  if (onMatrix?.type === 'mention') return { mention: onMatrix.target };
  const url = onMatrix?.url ?? safeUrl(address);
  return url === undefined ? undefined : { url };
}

const mxc = /^mxc:\/\/[^\s/\p{Cc}\p{Cs}]+\/[^\s/?#\p{Cc}\p{Cs}]+$/u;

/** No name is so long. What is longer is cut before it is looked at: a search for colons at the end begins at each of them. */
const longestEmojiName = 200;

/** An `img`: a custom emoji, or a picture; the words for it where there is no address that may be shown. */
export function imageOfElement(attributes: Attributes): Inline {
  const source = attributes.get('src') ?? '';
  const src = mxc.test(source) ? source : safeUrl(source);
  const alt = attributes.get('alt') || attributes.get('title') || '';
  if (!attributes.has('data-mx-emoticon')) return { type: 'image', alt, ...(src !== undefined && { src }) };
  const name = alt.slice(0, longestEmojiName).replace(/^:+|:+$/g, '');
  if (!isEmojiName(name)) return text(alt || '[emoji]');
  return { type: 'emoji', name, ...(src !== undefined && { image: src }) };
}

/** The language that a code element names in its class. */
export function languageOf(attributes: Attributes): string | undefined {
  return /(?:^|\s)language-([\w+#.-]{1,40})(?:\s|$)/.exec(attributes.get('class')?.slice(0, 200) ?? '')?.[1];
}

/** The number of an ordered list's first item. */
export function startOf(attributes: Attributes): number {
  const start = Number(attributes.get('start') ?? '1');
  return Number.isSafeInteger(start) && start >= 0 ? start : 1;
}
