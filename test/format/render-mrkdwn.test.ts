import assert from 'node:assert/strict';
import { test } from 'node:test';
import { break_, code, emoji, h, hr, link, mention, ol, p, quote, t, ul } from './notation.ts';
import type { Block } from '../../src/format/doc.ts';
import { renderMrkdwn } from '../../src/format/mrkdwn.ts';
import { channelId, matrixUserId, slackUserId, usergroupId } from '../../src/ids.ts';

const table: readonly (readonly [string, string, ...Block[]])[] = [
  ['text is escaped', 'a &lt;b&gt; &amp;amp;', p('a <b> &amp;')],
  [
    'marks',
    '*b* _i_ ~s~ `c` u',
    p(
      t('b', 'bold'),
      ' ',
      t('i', 'italic'),
      ' ',
      t('s', 'strike'),
      ' ',
      t('c', 'code'),
      ' ',
      t('u', 'underline'),
    ),
  ],
  ['marks in each other', '*b-_bi_*', p(t('b-', 'bold'), t('bi', 'bold', 'italic'))],
  ['spaces stay outside of marks', 'a *b* c', p('a', t(' b ', 'bold'), 'c')],
  [
    'live mentions',
    '<@U1> <#C1>',
    p(
      mention({ type: 'slack-user', user: slackUserId('U1') }),
      ' ',
      mention({ type: 'slack-channel', channel: channelId('C1') }),
    ),
  ],
  [
    'calls to all are text',
    '@channel @ops',
    p(
      mention({ type: 'everyone', range: 'channel' }),
      ' ',
      mention({ type: 'usergroup', usergroup: usergroupId('S1'), label: 'ops' }),
    ),
  ],
  [
    'people of Matrix are links',
    '<https://matrix.to/#/@ann:x.org|@Ann>',
    p(mention({ type: 'matrix-user', user: matrixUserId('@ann:x.org'), label: 'Ann' })),
  ],
  [
    'links',
    '<https://x.org/a&amp;b|y> <https://x.org>',
    p(link('https://x.org/a&b', 'y'), ' ', link('https://x.org', 'https://x.org')),
  ],
  ['a link that may be none', 'y', p(link('javascript:x', 'y'))],
  ['a link that would end early', '<https://x.org/%3E%7C|&gt;|y>', p(link('https://x.org/>|', '>|y'))],
  ['emoji', ':wave: :own:', p(emoji('wave', '👋'), ' ', emoji('own'))],
  ['a heading', '*T*', h(1, 'T')],
  ['lists', '• a\n    3. b\n    4. c\n• d', ul([p('a'), ol(3, [p('b')], [p('c')])], [p('d')])],
  ['quotes', '> a\n> b\n> > c', quote(p('a', break_, 'b'), quote(p('c')))],
  ['code', '```\na &lt; b\n```', code('a < b', 'js')],
  ['a divider', '———', hr],
  ['a table', 'a | b\n1 | 2', { type: 'table', header: [[t('a')], [t('b')]], rows: [[[t('1')], [t('2')]]] }],
  ['paragraphs', 'a\n\nb', p('a'), p('b')],
];

for (const [what, expected, ...blocks] of table) {
  test(`mrkdwn: ${what}`, () => {
    assert.equal(renderMrkdwn({ blocks }), expected);
  });
}

test('mrkdwn: calls to all are live where that is wanted', () => {
  const doc = {
    blocks: [
      p(
        mention({ type: 'everyone', range: 'here' }),
        mention({ type: 'usergroup', usergroup: usergroupId('S1') }),
      ),
    ],
  };
  assert.equal(renderMrkdwn(doc, { broadcast: true }), '<!here><!subteam^S1>');
});
