import emoji from 'emojibase-data/en/compact.json' with { type: 'json' };
import shortcodes from 'emojibase-data/en/shortcodes/iamcal.json' with { type: 'json' };

/** Slack's standard emoji: short names to code points (lower-case hexadecimal with dashes) and back. */
const byName = new Map<string, string>();
const byCode = new Map<string, string>();

const characters = new Map(emoji.map(({ hexcode, unicode }) => [hexcode, unicode]));

for (const [hexcode, names] of Object.entries(shortcodes)) {
  // The table's keys lack the variation selectors that Slack writes.
  const character = characters.get(hexcode);
  const unicode = character === undefined ? hexcode.toLowerCase() : codePoints(character).join('-');
  for (const name of typeof names === 'string' ? [names] : names) {
    byName.set(name, unicode);
    if (!byCode.has(withoutVariation(unicode))) byCode.set(withoutVariation(unicode), name);
  }
}

const SKIN_TONES = ['1f3fb', '1f3fc', '1f3fd', '1f3fe', '1f3ff'];

/** The code points of a standard emoji, or `undefined`. */
export function emojiCode(name: string): string | undefined {
  return byName.get(name);
}

/** All of them, by name. */
export function standardEmoji(): Readonly<Record<string, string>> {
  return Object.fromEntries(byName);
}

/** The name that Slack gives a character, with `skinTone` 2 to 6 apart; `undefined` when it knows none. */
export function emojiName(
  character: string,
): { readonly name: string; readonly skinTone: number | undefined } | undefined {
  const codes = codePoints(character);
  const tone = codes.find((code) => SKIN_TONES.includes(code));
  const plain = codes.filter((code) => code !== tone).join('-');
  const name = byCode.get(withoutVariation(plain));
  if (name === undefined) return undefined;
  return { name, skinTone: tone === undefined ? undefined : SKIN_TONES.indexOf(tone) + 2 };
}

/** `1f44b` with tone 2 is `1f44b-1f3fb`. */
export function tonedCode(code: string, skinTone: number): string {
  return `${code}-${SKIN_TONES[skinTone - 2] ?? ''}`;
}

/**
 * The name under which a reaction is kept: standard names by their first one (`thumbsup` is `+1`), custom ones as they
 * are, a skin tone behind `::`. `undefined`: there is no such emoji.
 */
export function reactionName(name: string, custom: ReadonlyMap<string, string>): string | undefined {
  const [base = '', ...tone] = name.replace(/^:|:$/g, '').split('::');
  if (custom.has(base)) return base;
  const code = byName.get(base);
  const first = code === undefined ? undefined : byCode.get(withoutVariation(code));
  return first === undefined ? undefined : [first, ...tone].join('::');
}

function codePoints(character: string): readonly string[] {
  return Array.from(character, (point) => (point.codePointAt(0) ?? 0).toString(16).padStart(4, '0'));
}

function withoutVariation(code: string): string {
  return code.replaceAll('-fe0f', '');
}
