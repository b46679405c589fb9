/**
 * Emoji between Slack's short names and characters.
 *
 * | Slack                    | characters                                              |
 * | ------------------------ | ------------------------------------------------------- |
 * | `wave`                   | 👋                                                      |
 * | `wave::skin-tone-3`      | 👋🏼; tones 2 to 6 are the modifiers U+1F3FB to U+1F3FF    |
 * | `heart`                  | ❤️; read with or without its variation selector U+FE0F   |
 * | `thumbsup`, `+1`         | 👍️; the first name of a list is the one that comes back  |
 * | a workspace's own        | none                                                    |
 */
import { emojiTable } from './emoji-table.ts';
import type { Emoji } from './tree.ts';

interface Entry {
  readonly unicode: string;
  readonly name: string;
  readonly toned: boolean;
}

interface Table {
  readonly byName: ReadonlyMap<string, Entry>;
  readonly byUnicode: ReadonlyMap<string, Entry>;
}

let table: Table | undefined;

/** Parsed on first use: a process that never meets an emoji doesn't pay for two thousand of them. */
function entries(): Table {
  if (table) return table;
  const byName = new Map<string, Entry>();
  const byUnicode = new Map<string, Entry>();
  for (const line of emojiTable.split('\n')) {
    const [unicode, name, ...more] = line.split(' ');
    if (!unicode || !name) continue;
    const entry = { unicode, name, toned: more.at(-1) === '*' };
    for (const alias of [name, ...more]) byName.set(alias, entry);
    byUnicode.set(withoutSelectors(unicode), entry);
  }
  byName.delete('*');
  table = { byName, byUnicode };
  return table;
}

const tones = /[\u{1F3FB}-\u{1F3FF}]/gu;
const modifierBase = /^\p{Emoji_Modifier_Base}/u;
const toneSuffix = /^(.+)::skin-tone-([2-6])$/;

/** What Slack accepts as an emoji's name. */
const slackName = /^[\p{L}\p{M}\p{N}_+'-]{1,100}(?:::skin-tone-[2-6])?$/u;

function withoutSelectors(unicode: string): string {
  return unicode.replaceAll('\uFE0F', '');
}

/** The characters with Slack's skin tone 2 to 6 on each person in them. */
export function withSkinTone(unicode: string, tone: number): string {
  const modifier = String.fromCodePoint(0x1f3f9 + tone);
  return unicode
    .split('\u200D')
    .map((part, index) => {
      const base = String.fromCodePoint(part.codePointAt(0) ?? 0);
      const joined = index > 0 && base === '\u{1F91D}'; // holding hands: the hands take their colour from the people
      if (joined || !modifierBase.test(base)) return part;
      return base + modifier + part.slice(base.length).replace('\uFE0F', '');
    })
    .join('\u200D');
}

/** The characters of a Slack name, colons around it or not; undefined for a workspace's own emoji. */
export function unicodeOfName(name: string): string | undefined {
  const bare = withoutColons(name);
  const [, base = bare, tone] = toneSuffix.exec(bare) ?? [];
  const entry = entries().byName.get(base);
  if (!entry) return undefined;
  return tone !== undefined && entry.toned ? withSkinTone(entry.unicode, Number(tone)) : entry.unicode;
}

/**
 * Slack's name of one emoji's characters, with the tone where all its people have the same; for different tones, which
 * have no name there, the name without. Undefined for what is no emoji, or one that Slack doesn't name.
 */
export function nameOfUnicode(unicode: string): string | undefined {
  if (unicode.length > 64) return undefined; // longer than any emoji
  const bare = withoutSelectors(unicode);
  const { byUnicode } = entries();
  const direct = byUnicode.get(bare);
  if (direct) return direct.name;
  const found = [...new Set(bare.match(tones))];
  const entry = byUnicode.get(bare.replace(tones, ''));
  if (!entry?.toned || found.length === 0) return undefined;
  const tone = found.length === 1 ? (found[0]?.codePointAt(0) ?? 0) - 0x1f3f9 : 0;
  return tone === 0 ? entry.name : `${entry.name}::skin-tone-${tone}`;
}

/** The inline node of a Slack name: with characters if it is a standard one. */
export function emojiOf(name: string): Emoji {
  const bare = withoutColons(name);
  const unicode = unicodeOfName(bare);
  return { type: 'emoji', name: bare, ...(unicode !== undefined && { unicode }) };
}

/** Whether a text may be an emoji's name, colons apart: only such may be posted as one. */
export function isEmojiName(name: string): boolean {
  return slackName.test(name);
}

/**
 * The name to react with on Slack, for the key of a Matrix reaction: an emoji's characters, or a name between colons
 * (what custom emoji carry as their shortcode). A picture (an mxc address) has the name that stands beside it. Undefined
 * for any other text: Slack has only named reactions.
 */
export function reactionToSlackName(key: string, shortcode?: string): string | undefined {
  const isPicture = key.startsWith('mxc://');
  const trimmed = isPicture && shortcode !== undefined ? `:${shortcode}:` : key.trim();
  const named = /^:([^:\s]+(?:::skin-tone-[2-6])?):$/.exec(trimmed)?.[1];
  if (named === undefined) return nameOfUnicode(trimmed);
  return isEmojiName(named) ? canonicalName(named) : undefined;
}

/** The one name of an emoji among those Slack knows it by (`thumbsup` is `+1`); others stay as they are. */
export function canonicalName(name: string): string {
  const bare = withoutColons(name);
  const unicode = unicodeOfName(bare);
  return (unicode !== undefined && nameOfUnicode(unicode)) || bare;
}

function withoutColons(name: string): string {
  return name.length > 2 && name.startsWith(':') && name.endsWith(':') ? name.slice(1, -1) : name;
}
