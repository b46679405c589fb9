/** Arbitrary trees that mrkdwn has signs for: its marks stand at words' edges, and nothing escapes a sign. */
import fc from 'fast-check';
import { emojiOf } from '../../src/format/emoji.ts';
import { link, mention, normalise, paragraph, text } from '../../src/format/doc.ts';
import type { Block, Doc, Inline, Marks } from '../../src/format/doc.ts';
import { channelId, slackUserId, usergroupId } from '../../src/ids.ts';

const words = fc
  .array(fc.constantFrom('word', 'é', '漢字', 'a<b', '&', '&amp;', 'a>b', '<!channel>', '"', '1.', '👋'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => `x${parts.join(' ')}x`);

const marks: fc.Arbitrary<Marks> = fc.constantFrom<Marks>(
  {},
  { bold: true },
  { italic: true },
  { strike: true },
  { code: true },
  { bold: true, italic: true },
);

const nodes: fc.Arbitrary<Inline> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(words, marks).map(([said, how]) => text(said, how)) },
  {
    weight: 1,
    arbitrary: words.map((label) => link('https://example.org/a?b=c&d', [text(label)])),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Inline>(
      mention({ type: 'slack-user', user: slackUserId('U123') }),
      mention({ type: 'slack-channel', channel: channelId('C123') }),
      mention({ type: 'usergroup', usergroup: usergroupId('S123') }),
      mention({ type: 'everyone', range: 'here' }),
      emojiOf('wave::skin-tone-3'),
      emojiOf('party-parrot'),
      { type: 'break' },
    ),
  },
);

/** With spaces between, so that signs have their edges. */
const paragraphs: fc.Arbitrary<Block> = fc
  .array(nodes, { minLength: 1, maxLength: 5 })
  .map((children) => paragraph(text('x '), ...children.flatMap((node) => [node, text(' ')]), text('x')));

const code: fc.Arbitrary<Block> = words.map((said) => ({ type: 'code', text: `${said}\n*${said}*` }));
const quotes: fc.Arbitrary<Block> = fc
  .array(paragraphs, { minLength: 1, maxLength: 2 })
  .map((blocks) => ({ type: 'quote', blocks }));

/** Two quotes in a row are one in Slack. */
function alternating(blocks: readonly Block[]): readonly Block[] {
  return blocks.filter((block, index) => block.type !== 'quote' || blocks[index - 1]?.type !== 'quote');
}

/** Trees in their one form. */
export const mrkdwnTrees: fc.Arbitrary<Doc> = fc
  .array(fc.oneof(paragraphs, code, quotes), { minLength: 1, maxLength: 5 })
  .map((blocks) => normalise({ blocks: alternating(blocks) }));
