/** Arbitrary trees for properties, in their one form, made of what a format can hold. */
import fc from 'fast-check';
import { normalise, text } from '../../src/format/doc.ts';
import type { Block, Doc, Inline, Marks, Mention } from '../../src/format/doc.ts';
import { channelId, matrixUserId, roomId, slackUserId } from '../../src/ids.ts';

/** What differs between the formats that a tree is to survive. */
export interface TreeOptions {
  readonly mentions: readonly Mention[];
  readonly marks: readonly (keyof Marks)[];
  readonly headings: boolean;
  readonly tables: boolean;
  readonly dividers: boolean;
  /** Whether quotes may hold quotes and lists may hold blocks other than a paragraph and then lists. */
  readonly anyNesting: boolean;
}

export const slackTrees: TreeOptions = {
  mentions: [
    { type: 'slack-user', user: slackUserId('U123') },
    { type: 'slack-channel', channel: channelId('C123') },
  ],
  marks: ['bold', 'italic', 'strike', 'underline', 'code'],
  headings: false,
  tables: false,
  dividers: false,
  anyNesting: false,
};

export const matrixTrees: TreeOptions = {
  mentions: [
    { type: 'matrix-user', user: matrixUserId('@ann:example.org'), label: 'Ann' },
    { type: 'matrix-room', room: roomId('!room:example.org'), via: ['example.org'], label: 'Room' },
    { type: 'matrix-alias', alias: '#general:example.org' },
  ],
  marks: ['bold', 'italic', 'strike', 'underline', 'code', 'spoiler'],
  headings: true,
  tables: true,
  dividers: true,
  anyNesting: true,
};

/** Text that means something in one format or the other, among ordinary words. */
const words = fc
  .array(
    fc.constantFrom(
      'word',
      ' ',
      '*',
      '_',
      '~',
      '`',
      '```',
      '<',
      '>',
      '&',
      '&lt;',
      '@room',
      '<!channel>',
      '<@U1>',
      '<b>',
      ':wave:',
      '[a](b)',
      '|',
      '\\',
      '"',
      "'",
      '  ',
      'é',
      '👩‍💻',
      '-',
      '1. ',
      '> ',
      '#',
      'https://x.org',
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''))
  .filter((value) => value.trim() !== '' && value === value.trim());

function marksArbitrary(options: TreeOptions): fc.Arbitrary<Marks> {
  return fc
    .subarray([...options.marks], { maxLength: 2 })
    .map((names): Marks => Object.fromEntries(names.map((name) => [name, true])));
}

function inlineArbitrary(options: TreeOptions): fc.Arbitrary<Inline> {
  const texts = fc.record({
    type: fc.constant('text' as const),
    text: words,
    marks: marksArbitrary(options),
  });
  return fc.oneof(
    { weight: 5, arbitrary: texts },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...options.mentions).map((target): Inline => ({ type: 'mention', target })),
    },
    { weight: 1, arbitrary: fc.constant<Inline>({ type: 'break' }) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('link' as const),
        url: fc.constantFrom('https://example.org/a?b=c&d', 'mailto:ann@example.org'),
        children: fc.array(texts, { minLength: 1, maxLength: 2 }),
      }),
    },
  );
}

function blocksArbitrary(options: TreeOptions, depth: number): fc.Arbitrary<readonly Block[]> {
  const children = fc.array(inlineArbitrary(options), { minLength: 1, maxLength: 5 });
  const paragraph = fc.record({ type: fc.constant('paragraph' as const), children });
  const code = fc.record(
    { type: fc.constant('code' as const), text: words, language: fc.constantFrom('js', 'c++') },
    { requiredKeys: ['type', 'text'] },
  );
  const kinds: fc.Arbitrary<Block>[] = [paragraph, paragraph, code];
  if (options.headings) {
    kinds.push(
      fc.record({
        type: fc.constant('heading' as const),
        level: fc.constantFrom(1, 2, 3, 4, 5, 6),
        children,
      }),
    );
  }
  if (options.dividers) kinds.push(fc.constant({ type: 'divider' }));
  if (options.tables) {
    const row = fc.array(children, { minLength: 1, maxLength: 3 });
    const rows = fc.array(row, { minLength: 1, maxLength: 3 });
    kinds.push(
      fc.record(
        { type: fc.constant('table' as const), header: row, rows },
        { requiredKeys: ['type', 'rows'] },
      ),
    );
  }
  if (depth > 0) {
    kinds.push(listArbitrary(options, depth - 1), quoteArbitrary(options, depth - 1));
  }
  return fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 4 });
}

function listArbitrary(options: TreeOptions, depth: number): fc.Arbitrary<Block> {
  const children = fc.tuple(words, fc.array(inlineArbitrary(options), { maxLength: 3 }));
  const paragraph = children.map(([first, nodes]): Block => ({
    type: 'paragraph',
    children: [text(first), ...nodes],
  }));
  const nested = depth > 0 ? listArbitrary(options, depth - 1).map((list) => [list]) : fc.constant([]);
  const blocks = options.anyNesting
    ? blocksArbitrary(options, depth)
    : fc
        .tuple(paragraph, fc.oneof(fc.constant([]), nested))
        .map(([first, lists]) => lists.toSpliced(0, 0, first));
  return fc
    .record({
      ordered: fc.boolean(),
      start: fc.integer({ min: 1, max: 5 }),
      items: fc.array(fc.record({ blocks }), { minLength: 1, maxLength: 3 }),
    })
    .map(({ ordered, start, items }): Block => ({
      type: 'list',
      ordered,
      start: ordered ? start : 1,
      items,
    }));
}

function quoteArbitrary(options: TreeOptions, depth: number): fc.Arbitrary<Block> {
  const inner = blocksArbitrary(options, depth).map((blocks) =>
    options.anyNesting ? blocks : blocks.filter((block) => block.type !== 'quote'),
  );
  return inner.map((blocks): Block => ({ type: 'quote', blocks }));
}

/** Two quotes in a row are one on Slack; the tests' trees have none. */
function withoutQuotesInARow(blocks: readonly Block[]): readonly Block[] {
  return blocks.filter((block, index) => block.type !== 'quote' || blocks[index - 1]?.type !== 'quote');
}

/** Trees in their one form. */
export function trees(options: TreeOptions): fc.Arbitrary<Doc> {
  return blocksArbitrary(options, 3).map((blocks) =>
    normalise({ blocks: withoutQuotesInARow(normalise({ blocks }).blocks) }),
  );
}
