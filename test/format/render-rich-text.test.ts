import assert from 'node:assert/strict';
import { test } from 'node:test';
import { break_, code, emoji, h, hr, link, mention, ol, p, quote, t, ul } from './notation.ts';
import type { Block } from '../../src/format/doc.ts';
import { renderRichText } from '../../src/format/rich-text.ts';
import { matrixUserId, roomId, slackUserId, usergroupId } from '../../src/ids.ts';

const say = (text: string, style?: object) => ({ type: 'text', text, ...(style && { style }) });
const section = (...elements: readonly object[]) => ({ type: 'rich_text_section', elements });
const list = (style: string, indent: number, items: readonly string[], more: object = {}) => ({
  type: 'rich_text_list',
  style,
  elements: items.map((item) => section(say(item))),
  indent,
  ...more,
});

const table: readonly (readonly [string, readonly Block[], ...object[]])[] = [
  ['nothing', []],
  ['text as it stands', [p('*a* <!channel> <@U1> & :wave:')], section(say('*a* <!channel> <@U1> & :wave:'))],
  ['marks', [p(t('a', 'bold', 'code'), ' b')], section(say('a', { bold: true, code: true }), say(' b'))],
  ['lines and paragraphs', [p('a', break_, 'b'), p('c')], section(say('a\nb\n\nc'))],
  [
    'a heading',
    [h(1, 'T'), p('a'), h(2, 'U')],
    section(say('T', { bold: true }), say('\na\n\n'), say('U', { bold: true })),
  ],
  [
    'a link in a heading',
    [h(1, link('https://x.org', 'x'))],
    section({ type: 'link', url: 'https://x.org', text: 'x', style: { bold: true } }),
  ],
  [
    'a user',
    [p(mention({ type: 'slack-user', user: slackUserId('U1') }))],
    section({ type: 'user', user_id: 'U1' }),
  ],
  [
    'calls to all are text',
    [
      p(
        mention({ type: 'everyone', range: 'here' }),
        mention({ type: 'usergroup', usergroup: usergroupId('S1'), label: 'ops' }),
      ),
    ],
    section(say('@here@ops')),
  ],
  [
    'people and rooms of Matrix are links',
    [
      p(
        mention({ type: 'matrix-user', user: matrixUserId('@ann:x.org'), label: 'Ann' }),
        mention({ type: 'matrix-room', room: roomId('!r:x.org'), label: 'R' }),
      ),
    ],
    section(
      { type: 'link', url: 'https://matrix.to/#/@ann:x.org', text: '@Ann' },
      { type: 'link', url: 'https://matrix.to/#/!r:x.org', text: 'R' },
    ),
  ],
  [
    'a link with marks in it',
    [p(link('https://x.org', 'a', t('b', 'bold')))],
    section(
      { type: 'link', url: 'https://x.org', text: 'a' },
      { type: 'link', url: 'https://x.org', text: 'b', style: { bold: true } },
    ),
  ],
  [
    'a bare link',
    [p(link('https://x.org', 'https://x.org'))],
    section({ type: 'link', url: 'https://x.org' }),
  ],
  ['a link that may be none', [p(link('javascript:alert(1)', 'x'))], section(say('x'))],
  [
    'emoji',
    [
      p(emoji('wave::skin-tone-2', '👋🏻'), emoji('own'), {
        type: 'emoji',
        name: 'theirs',
        image: 'mxc://x.org/a',
      }),
    ],
    section({ type: 'emoji', name: 'wave::skin-tone-2' }, { type: 'emoji', name: 'own' }, say(':theirs:')),
  ],
  [
    'pictures',
    [
      p(
        { type: 'image', src: 'https://x.org/a.png', alt: 'cat' },
        { type: 'image', src: 'mxc://x.org/a', alt: 'dog' },
      ),
    ],
    section({ type: 'link', url: 'https://x.org/a.png', text: 'cat' }, say('dog')),
  ],
  [
    'a spoiler',
    [p('a ', t('b', 'spoiler'), t('c', 'spoiler', 'bold'), ' d')],
    section(say('a ||b'), say('c', { bold: true }), say('|| d')),
  ],
  [
    'lists in each other',
    [ol(3, [p('a'), ul([p('x')], [p('y')])], [p('b')])],
    list('ordered', 0, ['a'], { offset: 2 }),
    list('bullet', 1, ['x', 'y']),
    list('ordered', 0, ['b'], { offset: 3 }),
  ],
  [
    'code in a list',
    [ol(1, [p('a'), code('x')], [p('b')])],
    list('ordered', 0, ['a']),
    { type: 'rich_text_preformatted', elements: [say('x')] },
    list('ordered', 0, ['b'], { offset: 1 }),
  ],
  [
    'a quote',
    [quote(p('a'), p('b'), ul([p('c')]), code('d'), p('e'))],
    { type: 'rich_text_quote', elements: [say('a\n\nb')] },
    list('bullet', 0, ['c'], { border: 1 }),
    { type: 'rich_text_preformatted', elements: [say('d')], border: 1 },
    { type: 'rich_text_quote', elements: [say('e')] },
  ],
  [
    'a quote in a quote',
    [quote(p('a'), quote(p('b', break_, 'c'), p('d')), p('e'))],
    { type: 'rich_text_quote', elements: [say('a\n> b\n> c\n> \n> d\ne')] },
  ],
  ['code', [code('a\nb', 'js')], { type: 'rich_text_preformatted', elements: [say('a\nb')], language: 'js' }],
];

for (const [what, blocks, ...elements] of table) {
  test(`rich_text is written: ${what}`, () => {
    assert.deepEqual(
      renderRichText({ blocks }),
      elements.length === 0 ? [] : [{ type: 'rich_text', elements }],
    );
  });
}

test('rich_text is written: calls to all are live where that is wanted', () => {
  const doc = {
    blocks: [
      p(
        mention({ type: 'everyone', range: 'channel' }),
        mention({ type: 'usergroup', usergroup: usergroupId('S1') }),
      ),
    ],
  };
  const elements = [
    section({ type: 'broadcast', range: 'channel' }, { type: 'usergroup', usergroup_id: 'S1' }),
  ];
  assert.deepEqual(renderRichText(doc, { broadcast: true }), [{ type: 'rich_text', elements }]);
});

test('dividers and the first table are blocks of their own, a second table is drawn', () => {
  const small: Block = { type: 'table', header: [[t('a')], [t('bb')]], rows: [[[t('1')]]] };
  const bold = (text: string) => ({ type: 'rich_text', elements: [section(say(text, { bold: true }))] });
  assert.deepEqual(renderRichText({ blocks: [p('x'), hr, small, small] }), [
    { type: 'rich_text', elements: [section(say('x'))] },
    { type: 'divider' },
    {
      type: 'table',
      rows: [
        [bold('a'), bold('bb')],
        [
          { type: 'raw_text', text: '1' },
          { type: 'raw_text', text: ' ' },
        ],
      ],
    },
    {
      type: 'rich_text',
      elements: [{ type: 'rich_text_preformatted', elements: [say('a | bb\n--+---\n1')] }],
    },
  ]);
});

test('a table that Slack would refuse is drawn', () => {
  const wide: Block = { type: 'table', rows: [Array.from({ length: 21 }, () => [t('x')])] };
  assert.equal(renderRichText({ blocks: [wide] })[0]?.type, 'rich_text');
});

test('a message never has more than the fifty blocks that Slack takes', () => {
  const blocks = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? p(`${index}`) : hr));
  assert.ok(renderRichText({ blocks }).length <= 50);
});
