import assert from 'node:assert/strict';
import { test } from 'node:test';
import { break_, code, emoji, link, mention, ol, p, quote, t, ul } from './notation.ts';
import type { Block } from '../../src/format/doc.ts';
import { parseRichText } from '../../src/format/rich-text.ts';
import { channelId, slackUserId, usergroupId } from '../../src/ids.ts';

const say = (text: string, style?: object) => ({ type: 'text', text, ...(style && { style }) });
const section = (...elements: readonly object[]) => ({ type: 'rich_text_section', elements });
const list = (style: string, indent: number, items: readonly string[], more: object = {}) => ({
  type: 'rich_text_list',
  style,
  indent,
  elements: items.map((item) => section(say(item))),
  ...more,
});

const table: readonly (readonly [string, readonly object[], ...Block[]])[] = [
  [
    'styles',
    [
      section(
        say('a', { bold: true, italic: true }),
        say('b', { strike: true }),
        say('c', { code: true }),
        say('d', { underline: true }),
      ),
    ],
    p(t('a', 'bold', 'italic'), t('b', 'strike'), t('c', 'code'), t('d', 'underline')),
  ],
  ['text as it stands', [section(say('*a* <b> :wave: &amp;'))], p('*a* <b> :wave: &amp;')],
  [
    'a user',
    [section({ type: 'user', user_id: 'U1' })],
    p(mention({ type: 'slack-user', user: slackUserId('U1') })),
  ],
  ['a user that is none', [section({ type: 'user', user_id: 'x y' })], p('x y')],
  [
    'a channel',
    [section({ type: 'channel', channel_id: 'C1' })],
    p(mention({ type: 'slack-channel', channel: channelId('C1') })),
  ],
  [
    'a usergroup',
    [section({ type: 'usergroup', usergroup_id: 'S1' })],
    p(mention({ type: 'usergroup', usergroup: usergroupId('S1') })),
  ],
  [
    'a call to all',
    [section({ type: 'broadcast', range: 'here' })],
    p(mention({ type: 'everyone', range: 'here' })),
  ],
  [
    'links',
    [
      section(
        { type: 'link', url: 'https://x.org', text: 'x', style: { bold: true } },
        { type: 'link', url: 'https://y.org' },
      ),
    ],
    p(link('https://x.org', t('x', 'bold')), link('https://y.org', 'https://y.org')),
  ],
  [
    'a link that may be none',
    [section({ type: 'link', url: 'javascript:alert(1)', text: 'x' })],
    p('x (javascript:alert(1))'),
  ],
  [
    'emoji',
    [
      section(
        { type: 'emoji', name: 'wave', unicode: '1f44b-1f3fc', skin_tone: 3 },
        { type: 'emoji', name: 'own' },
      ),
    ],
    p(emoji('wave::skin-tone-3', '👋🏼'), emoji('own')),
  ],
  [
    'an emoji newer than we are',
    [section({ type: 'emoji', name: 'brand_new', unicode: '1f9ff' })],
    p(emoji('brand_new', '🧿')),
  ],
  [
    'a date',
    [
      section({ type: 'date', timestamp: 1392734382, format: '{date_num}', fallback: 'Feb' }, say(' '), {
        type: 'date',
        timestamp: 1392734382,
        format: '{date_long}',
      }),
    ],
    p('Feb Tuesday, February 18th, 2014'),
  ],
  [
    'a linked date',
    [section({ type: 'date', timestamp: 0, format: '{date_num}', url: 'https://x.org' })],
    p(link('https://x.org', '1970-01-01')),
  ],
  [
    'a colour',
    [section({ type: 'color', value: '#F405B3' })],
    p({ type: 'text', text: '■', marks: { color: '#f405b3' } }, ' #F405B3'),
  ],
  [
    'an unknown element',
    [section({ type: 'hologram', text: 'hi' }, { type: 'hologram' })],
    p('hi[hologram]'),
  ],
  [
    'sections in a row',
    [section(say('a')), section(say('b\n')), section(say('c\n\nd'))],
    p('a', break_, 'b', break_, 'c'),
    p('d'),
  ],
  [
    'nested lists',
    [
      list('bullet', 0, ['a', 'b']),
      list('ordered', 1, ['c']),
      list('ordered', 2, ['d']),
      list('bullet', 0, ['e']),
    ],
    ul([p('a')], [p('b'), ol(1, [p('c'), ol(1, [p('d')])])], [p('e')]),
  ],
  [
    'a list that counts on',
    [list('ordered', 0, ['a']), list('bullet', 1, ['x']), list('ordered', 0, ['b'], { offset: 1 })],
    ol(1, [p('a'), ul([p('x')])], [p('b')]),
  ],
  ['a list that starts later', [list('ordered', 0, ['a'], { offset: 4 })], ol(5, [p('a')])],
  ['a list without its parent', [list('bullet', 2, ['a']), list('bullet', 0, ['b'])], ul([p('a')], [p('b')])],
  [
    'lists of two kinds',
    [list('bullet', 0, ['a']), list('ordered', 0, ['b'])],
    ul([p('a')]),
    ol(1, [p('b')]),
  ],
  [
    'a quote',
    [{ type: 'rich_text_quote', elements: [say('a\nb')] }, section(say('c'))],
    quote(p('a', break_, 'b')),
    p('c'),
  ],
  [
    'a quote of several parts',
    [
      { type: 'rich_text_quote', elements: [say('a')] },
      list('bullet', 0, ['b'], { border: 1 }),
      { type: 'rich_text_preformatted', border: 1, elements: [say('c')] },
    ],
    quote(p('a'), ul([p('b')]), code('c')),
  ],
  [
    'code',
    [
      {
        type: 'rich_text_preformatted',
        language: 'js',
        elements: [say('a <b>\n'), { type: 'link', url: 'https://x.org' }],
      },
    ],
    code('a <b>\nhttps://x.org', 'js'),
  ],
  [
    'a line before a list',
    [section(say('a:\n')), list('bullet', 0, ['b']), section(say('\nc'))],
    p('a:'),
    ul([p('b')]),
    p('c'),
  ],
];

for (const [what, elements, ...blocks] of table) {
  test(`rich_text: ${what}`, () => {
    assert.deepEqual(parseRichText({ type: 'rich_text', elements }), { blocks });
  });
}

test('lists that go deeper and deeper stay bounded, and none of their items is lost', () => {
  const elements = Array.from({ length: 500 }, (_, indent) => list('bullet', indent, [`item ${indent}`]));
  const text = JSON.stringify(parseRichText({ elements }));
  for (const indent of [0, 19, 20, 499]) assert.ok(text.includes(`"item ${indent}"`));
  let [depth, deepest] = [0, 0];
  for (const char of text) {
    if (char === '{') depth += 1;
    if (char === '}') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  assert.ok(deepest < 100, `${deepest} deep`);
});
