import assert from 'node:assert/strict';
import { test } from 'node:test';
import { break_, code, emoji, h, hr, link, mention, ol, p, quote, t, ul } from './notation.ts';
import type { Block } from '../../src/format/doc.ts';
import { renderHtml } from '../../src/format/html.ts';
import { channelId, matrixUserId, roomId, slackUserId } from '../../src/ids.ts';

const ann = matrixUserId('@ann:x.org');

const table: readonly (readonly [string, string, string | undefined, ...Block[]])[] = [
  ['plain text', 'a < b *c*\n\nd', undefined, p('a < b *c*'), p('d')],
  [
    'marks',
    '**b** _i_ ~~s~~ `c` u',
    '<strong>b</strong> <em>i</em> <del>s</del> <code>c</code> <u>u</u>',
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
  [
    'marks in each other',
    '**a-_b_**',
    '<strong>a-<em>b</em></strong>',
    p(t('a-', 'bold'), t('b', 'bold', 'italic')),
  ],
  ['marks over a break', '**a\nb**', '<strong>a<br>b</strong>', p(t('a', 'bold'), break_, t('b', 'bold'))],
  [
    'text is escaped',
    '<b>&\'" **x**',
    '&lt;b&gt;&amp;&#39;&quot; <strong>x</strong>',
    p('<b>&\'" ', t('x', 'bold')),
  ],
  ['spaces are kept', 'a   b **c**', 'a\u00A0\u00A0 b <strong>c</strong>', p('a   b ', t('c', 'bold'))],
  ['a bare link', 'see https://x.org', undefined, p('see ', link('https://x.org', 'https://x.org'))],
  [
    'a link',
    '[y](https://x.org/?a=1&b="2")',
    '<a href="https://x.org/?a=1&amp;b=%222%22">y</a>',
    p(link('https://x.org/?a=1&b="2"', 'y')),
  ],
  [
    'a link that may be none',
    '[y](javascript:x) **b**',
    'y <strong>b</strong>',
    p(link('javascript:x', 'y'), ' ', t('b', 'bold')),
  ],
  [
    'a pill',
    '@Ann: hi',
    '<a href="https://matrix.to/#/@ann:x.org">Ann</a>: hi',
    p(mention({ type: 'matrix-user', user: ann, label: 'Ann' }), ': hi'),
  ],
  [
    'a pill whose name is markup',
    '@<b>',
    '<a href="https://matrix.to/#/@ann:x.org">&lt;b&gt;</a>',
    p(mention({ type: 'matrix-user', user: ann, label: '<b>' })),
  ],
  [
    'a room',
    'R',
    '<a href="https://matrix.to/#/!r:x.org?via=x.org">R</a>',
    p(mention({ type: 'matrix-room', room: roomId('!r:x.org'), via: ['x.org'], label: 'R' })),
  ],
  [
    'an alias',
    '#gen:x.org',
    '<a href="https://matrix.to/#/%23gen:x.org">#gen:x.org</a>',
    p(mention({ type: 'matrix-alias', alias: '#gen:x.org' })),
  ],
  [
    'what only Slack knows',
    '@bob #C1 @here',
    undefined,
    p(
      mention({ type: 'slack-user', user: slackUserId('U1'), label: 'bob' }),
      ' ',
      mention({ type: 'slack-channel', channel: channelId('C1') }),
      ' ',
      mention({ type: 'everyone', range: 'here' }),
    ),
  ],
  ['emoji', '👋 :own:', undefined, p(emoji('wave', '👋'), ' ', emoji('own'))],
  [
    'an emoji with a picture',
    ':own:',
    '<img data-mx-emoticon src="mxc://x.org/a" alt=":own:" title=":own:" height="32">',
    p({ ...emoji('own'), image: 'mxc://x.org/a' }),
  ],
  [
    'pictures',
    'cat dog',
    '<img src="mxc://x.org/a" alt="cat" title="cat"> <a href="https://x.org/d">dog</a>',
    p({ type: 'image', src: 'mxc://x.org/a', alt: 'cat' }, ' ', {
      type: 'image',
      src: 'https://x.org/d',
      alt: 'dog',
    }),
  ],
  [
    'a spoiler and a colour',
    '||x||y',
    '<span data-mx-spoiler>x</span><span data-mx-color="#ff0000">y</span>',
    p(t('x', 'spoiler'), { type: 'text', text: 'y', marks: { color: '#ff0000' } }),
  ],
  ['a heading', '## T\na', '<h2>T</h2>a', h(2, 'T'), p('a')],
  [
    'lists',
    '- a\n  3. b\n- c',
    '<ul><li>a<ol start="3"><li>b</li></ol></li><li>c</li></ul>',
    ul([p('a'), ol(3, [p('b')])], [p('c')]),
  ],
  ['a quote', '> a\n> \n> b', '<blockquote><p>a</p><p>b</p></blockquote>', quote(p('a'), p('b'))],
  [
    'a quote in a colour',
    '> a',
    '<blockquote><span data-mx-color="#2eb886">▌</span>a</blockquote>',
    { type: 'quote', color: '#2eb886', blocks: [p('a')] },
  ],
  ['code', '```js\na < b\n```', '<pre><code class="language-js">a &lt; b</code></pre>', code('a < b', 'js')],
  ['code in a language that is markup', '```"><b>\nx\n```', '<pre><code>x</code></pre>', code('x', '"><b>')],
  ['a divider', 'a\n---', 'a<hr>', p('a'), hr],
  [
    'a table',
    'a | b\n--- | ---\n1 | **2**',
    '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><strong>2</strong></td></tr></tbody></table>',
    { type: 'table', header: [[t('a')], [t('b')]], rows: [[[t('1')], [t('2', 'bold')]]] },
  ],
];

for (const [what, body, formattedBody, ...blocks] of table) {
  test(`HTML is written: ${what}`, () => {
    const rendered = renderHtml({ blocks });
    assert.equal(rendered.body, body);
    assert.equal(rendered.formattedBody, formattedBody);
  });
}

test('everybody with a pill is mentioned, once; the room only where that is wanted', () => {
  const pill = mention({ type: 'matrix-user', user: ann });
  const doc = { blocks: [quote(p(pill)), p(pill, mention({ type: 'everyone', range: 'channel' }))] };
  assert.deepEqual(renderHtml(doc).mentions, { userIds: [ann], room: false });
  assert.deepEqual(renderHtml(doc, { room: true }).mentions, { userIds: [ann], room: true });
  assert.deepEqual(renderHtml({ blocks: [p('@room @ann:x.org')] }, { room: true }).mentions, {
    userIds: [],
    room: false,
  });
});
