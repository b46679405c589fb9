import assert from 'node:assert/strict';
import { test } from 'node:test';
import { break_, code, emoji, h, hr, link, mention, ol, p, quote, t, ul } from './notation.ts';
import {
  linkPictures,
  collectEmoji,
  collectMentions,
  isEmpty,
  joinDocs,
  mapEmoji,
  mapMentions,
  normalise,
  plainText,
  text,
  textDoc,
  withRoomCalls,
} from '../../src/format/doc.ts';
import type { Block, Mention } from '../../src/format/doc.ts';
import { matrixUserId, slackUserId } from '../../src/ids.ts';

const bob: Mention = { type: 'slack-user', user: slackUserId('U1'), label: 'bob' };
const ann: Mention = { type: 'matrix-user', user: matrixUserId('@ann:x.org'), label: 'Ann' };
const all = mention({ type: 'everyone', range: 'channel' });

const forms: readonly (readonly [string, readonly Block[], readonly Block[]])[] = [
  ['texts join', [p('a', 'b', t('c', 'bold'), t('d', 'bold'))], [p('ab', t('cd', 'bold'))]],
  [
    'empty parts go',
    [p(''), p('a', '', link('https://x.org', '')), ul([p('')]), quote(p('')), code(''), h(1)],
    [p('a')],
  ],
  ['line feeds are breaks', [p('a\nb\r\nc')], [p('a', break_, 'b', break_, 'c')]],
  ['blank lines part paragraphs', [p('a\n\n\n\nb')], [p('a'), p('b')]],
  ['breaks at the ends go', [p(break_, 'a', break_), h(1, break_, 'T')], [p('a'), h(1, 'T')]],
  [
    'links join',
    [p(link('https://x.org', 'a'), link('https://x.org', 'b'), link('https://y.org', 'c'))],
    [p(link('https://x.org', 'ab'), link('https://y.org', 'c'))],
  ],
  [
    'lists join',
    [ul([p('a')]), ul([p('b')]), ol(2, [p('c')]), ol(3, [p('d')]), ol(1, [p('e')])],
    [ul([p('a')], [p('b')]), ol(2, [p('c')], [p('d')]), ol(1, [p('e')])],
  ],
  ['what databases refuse goes', [p('a\u0000b\uD800')], [p('ab\uFFFD')]],
  ['dividers stay', [hr, hr], [hr, hr]],
];

for (const [what, blocks, expected] of forms) {
  test(`the one form: ${what}`, () => {
    assert.deepEqual(normalise({ blocks }), { blocks: expected });
  });
}

test('rows of a table without cells say nothing', () => {
  const row = [[{ type: 'text', text: 'a', marks: {} }]] as const;
  assert.deepEqual(normalise({ blocks: [{ type: 'table', header: [], rows: [[], row, []] }] }), {
    blocks: [{ type: 'table', rows: [row] }],
  });
  assert.deepEqual(normalise({ blocks: [{ type: 'table', rows: [[], []] }] }), { blocks: [] });
});

test('plain text becomes paragraphs and lines, and no markup in it is read', () => {
  assert.deepEqual(textDoc('*a*\n<b>\n\nc'), { blocks: [p('*a*', break_, '<b>'), p('c')] });
});

test('a tree is empty when there is nothing to see', () => {
  assert.ok(isEmpty(textDoc(' \n ')));
  assert.ok(isEmpty({ blocks: [] }));
  assert.ok(!isEmpty({ blocks: [p(emoji('own'))] }));
  assert.ok(!isEmpty({ blocks: [hr] }));
  assert.ok(!isEmpty({ blocks: [p(mention(bob))] }));
});

test('mentions are found and exchanged wherever they are', () => {
  const blocks = (inline: ReturnType<typeof mention>): readonly Block[] => [
    p('a', inline),
    h(1, inline),
    ul([p(inline), quote(p(inline))]),
    { type: 'table', header: [[inline]], rows: [[[inline], [text('x')]]] },
  ];
  const doc = { blocks: blocks(mention(bob)) };
  assert.deepEqual(collectMentions(doc), [bob, bob, bob, bob, bob, bob]);
  assert.deepEqual(
    mapMentions(doc, (target) => mention(target === bob ? ann : target)),
    { blocks: blocks(mention(ann)) },
  );
});

test('emoji are found and exchanged, in links too', () => {
  const doc = { blocks: [p(emoji('own'), link('https://x.org', emoji('own')))] };
  assert.equal(collectEmoji(doc).length, 2);
  const pictured = { ...emoji('own'), image: 'mxc://x.org/a' };
  assert.deepEqual(
    mapEmoji(doc, () => pictured),
    { blocks: [p(pictured, link('https://x.org', pictured))] },
  );
});

test('names of people and pictures hold no NUL and no half of a surrogate pair', () => {
  const named = (label: string) => mention({ type: 'slack-user', user: slackUserId('U1'), label });
  const nameless = mention({ type: 'slack-user', user: slackUserId('U1') });
  assert.deepEqual(
    normalise({ blocks: [p(named('a\0b\uD800'), named('\0'), { type: 'image', alt: '\0x' })] }),
    { blocks: [p(named('ab\uFFFD'), nameless, { type: 'image', alt: 'x' })] },
  );
});

test('@room is a call to all as a word of its own, outside code', () => {
  for (const [before, ...after] of [
    ['@room', all],
    ['hi @room!', 'hi ', all, '!'],
    ['x@room.org @roommate @@room', 'x@room.org @roommate @@room'],
  ] as const) {
    assert.deepEqual(withRoomCalls({ blocks: [p(before)] }), { blocks: [p(...after)] }, before);
  }
  const inCode = { blocks: [p(t('@room', 'code')), code('@room')] };
  assert.deepEqual(withRoomCalls(inCode), inCode);
});

test('plain text shows structure without signs for marks, unless they are wanted', () => {
  const doc = {
    blocks: [
      p(t('b', 'bold'), ' ', mention(bob)),
      quote(ul([p('x'), code('y')])),
      ol(9, [p('i')], [p('j', break_, 'k')]),
    ],
  };
  assert.equal(plainText(doc), 'b @bob\n> - x\n>   ```\n>   y\n>   ```\n9. i\n10. j\n    k');
  assert.equal(plainText({ blocks: [p(t('b', 'bold', 'italic'))] }, { marks: true }), '**_b_**');
});

test('pictures that only Matrix can show are links to where they are; in a link they are its words', () => {
  const cat = { type: 'image', src: 'mxc://x.org/a', alt: 'cat' } as const;
  const open = { type: 'image', src: 'https://x.org/b.png', alt: 'dog' } as const;
  const address = 'https://matrix.to/#/!r/$e';
  const shown = link(address, '🖼️ cat');
  const table = { type: 'table', rows: [[[cat]]] } as const;
  const before = { blocks: [p('a ', cat, ' ', open), table, p(link('https://y.org', 'see ', cat))] };
  assert.deepEqual(linkPictures(before, () => address).blocks, [
    p('a ', shown, ' ', open),
    { type: 'table', rows: [[[shown]]] },
    p(link('https://y.org', 'see ', '🖼️ cat')),
  ]);
  const without = { blocks: [p('a', open)] };
  assert.equal(
    linkPictures(without, () => assert.fail('nothing to link')),
    without,
  );
});

test('trees can be put one after the other', () => {
  assert.deepEqual(joinDocs(textDoc('a'), { blocks: [] }, textDoc('b')), { blocks: [p('a'), p('b')] });
});
