import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizeMrkdwn } from '../../sandbox/slack/text/render.ts';
import { mrkdwnBlock, typedText } from '../../sandbox/slack/text/rich-text.ts';

const names = {
  user: (name: string) => (name === 'ann' ? 'U1' : undefined),
  channel: (name: string) => (name === 'dev' ? 'C1' : undefined),
  isCustomEmoji: (name: string) => name === 'party_parrot',
};

const bold = { bold: true };

/** What is typed, the `text` that Slack makes of it, and the elements of the first part of the block. */
const typed: readonly (readonly [string, string, readonly unknown[]])[] = [
  ['plain', 'plain', [{ type: 'text', text: 'plain' }]],
  ['a < b & c > d', 'a &lt; b &amp; c &gt; d', [{ type: 'text', text: 'a < b & c > d' }]],
  ['*bold*', '*bold*', [{ type: 'text', text: 'bold', style: bold }]],
  [
    '*bold _both_*',
    '*bold _both_*',
    [
      { type: 'text', text: 'bold ', style: bold },
      { type: 'text', text: 'both', style: { bold: true, italic: true } },
    ],
  ],
  ['2 * 3 * 4', '2 * 3 * 4', [{ type: 'text', text: '2 * 3 * 4' }]],
  ['snake_case_name', 'snake_case_name', [{ type: 'text', text: 'snake_case_name' }]],
  ['`a*b*`', '`a*b*`', [{ type: 'text', text: 'a*b*', style: { code: true } }]],
  ['@ann', '<@U1>', [{ type: 'user', user_id: 'U1' }]],
  ['@nobody', '@nobody', [{ type: 'text', text: '@nobody' }]],
  ['@here', '<!here>', [{ type: 'broadcast', range: 'here' }]],
  ['#dev', '<#C1|>', [{ type: 'channel', channel_id: 'C1' }]],
  ['ann@dev', 'ann@dev', [{ type: 'text', text: 'ann@dev' }]],
  [':smile:', ':smile:', [{ type: 'emoji', name: 'smile', unicode: '1f604' }]],
  [':party_parrot:', ':party_parrot:', [{ type: 'emoji', name: 'party_parrot' }]],
  ['10:30:45', '10:30:45', [{ type: 'text', text: '10:30:45' }]],
  ['❤️', ':heart:', [{ type: 'emoji', name: 'heart', unicode: '2764-fe0f' }]],
  ['👋🏽', ':wave::skin-tone-4:', [{ type: 'emoji', name: 'wave', unicode: '1f44b-1f3fd', skin_tone: 4 }]],
  [
    'see https://a.example/?b=1&c=2.',
    'see <https://a.example/?b=1&amp;c=2>.',
    [
      { type: 'text', text: 'see ' },
      { type: 'link', url: 'https://a.example/?b=1&c=2' },
      { type: 'text', text: '.' },
    ],
  ],
  [
    '<https://a.example|label>',
    '<https://a.example|label>',
    [{ type: 'link', url: 'https://a.example', text: 'label' }],
  ],
];

for (const [source, text, elements] of typed) {
  test(`"${source}" becomes the text "${text}"`, () => {
    const result = typedText(source, names);
    assert.equal(result.text, text);
    assert.deepEqual(result.blocks[0]?.elements, [{ type: 'rich_text_section', elements }]);
  });
}

test('lists, quotes and fences become parts of their own', () => {
  const { text, blocks } = typedText(
    'first\n- one\n    - deeper\n1. a\n2. b\n> said\n> twice\n```x < y\nz```\nlast',
    names,
  );
  const types = blocks[0]?.elements.map((part) => part.type);
  assert.deepEqual(types, [
    'rich_text_section',
    'rich_text_list',
    'rich_text_list',
    'rich_text_list',
    'rich_text_quote',
    'rich_text_preformatted',
    'rich_text_section',
  ]);
  assert.equal(
    text,
    'first\n• one\n    ◦ deeper\n1. a\n2. b\n&gt; said\n&gt; twice\n```x &lt; y\nz```\nlast',
  );
});

test('an unclosed fence stays text', () => {
  assert.equal(typedText('a ```b', names).text, 'a ```b');
});

test("an app's mrkdwn keeps its tokens and entities, and gets the rest escaped and its addresses linked", () => {
  const source = 'a & b &lt;3 <@U1> <https://a.example|x> 1 < 2 https://b.example, <!here>';
  assert.equal(
    normalizeMrkdwn(source),
    'a &amp; b &lt;3 <@U1> <https://a.example|x> 1 &lt; 2 <https://b.example>, <!here>',
  );
});

test("an app's text without blocks gets a block with the entities undone", () => {
  const [section] = mrkdwnBlock('*a* &lt; <@U1>').elements;
  assert.deepEqual(section?.elements, [
    { type: 'text', text: 'a', style: bold },
    { type: 'text', text: ' < ' },
    { type: 'user', user_id: 'U1' },
  ]);
});
