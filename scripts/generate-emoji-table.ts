/**
 * Writes src/format/emoji-table.ts from emojibase-data: Slack's short names (the `iamcal` set) beside the characters
 * that Matrix clients send, variation selectors included. Run it again after an update of emojibase-data.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { withSkinTone } from '../src/format/emoji.ts';

const emojiData = z.array(
  z.object({
    hexcode: z.string(),
    emoji: z.string(),
    order: z.number().optional(),
    skins: z
      .array(z.object({ emoji: z.string(), tone: z.union([z.number(), z.array(z.number())]) }))
      .optional(),
  }),
);
const shortcodeData = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** The source text of src/format/emoji-table.ts. */
export function emojiTableSource(): string {
  const require = createRequire(import.meta.url);
  const load = (name: string): unknown =>
    JSON.parse(readFileSync(require.resolve(`emojibase-data/en/${name}`), 'utf8'));
  const shortcodes = shortcodeData.parse(load('shortcodes/iamcal.json'));

  const lines = emojiData
    .parse(load('data.json'))
    .toSorted(
      (a, b) => (a.order ?? Infinity) - (b.order ?? Infinity) || a.hexcode.localeCompare(b.hexcode, 'en'),
    )
    .flatMap(({ hexcode, emoji, skins = [] }) => {
      const names = [shortcodes[hexcode] ?? []].flat();
      if (names.length === 0) return [];
      for (const skin of skins) {
        if (typeof skin.tone === 'number' && withSkinTone(emoji, skin.tone + 1) !== skin.emoji) {
          throw new Error(`withSkinTone makes another ${skin.emoji} than emojibase-data: change its rule`);
        }
      }
      return [[emoji, ...slackFirst(names), ...(skins.length > 0 ? ['*'] : [])].join(' ')];
    });
  return `// Made by scripts/generate-emoji-table.ts from emojibase-data (MIT licence): don't edit.

/** A line each: the characters, Slack's name, other names; \`*\` where skin tones are possible. */
export const emojiTable = \`
${lines.join('\n')}
\`;
`;
}

/** Slack calls flags `flag-de`; the short forms of ten countries are other names. */
function slackFirst(names: readonly string[]): readonly string[] {
  return names.toSorted((a, b) => Number(b.startsWith('flag-')) - Number(a.startsWith('flag-')));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(new URL('../src/format/emoji-table.ts', import.meta.url), emojiTableSource());
}
