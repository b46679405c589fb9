import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { break_, code, emoji, h, link, mention, ol, p, quote, t, ul } from './notation.ts';
import { normalise, plainText, textDoc } from '../../src/format/doc.ts';
import type { Block, Doc } from '../../src/format/doc.ts';
import { renderHtml } from '../../src/format/html.ts';
import { renderMrkdwn } from '../../src/format/mrkdwn.ts';
import { renderRichText } from '../../src/format/rich-text.ts';
import { matrixLimits, slackLimits, splitDoc } from '../../src/format/splitter.ts';
import type { SplitLimits } from '../../src/format/splitter.ts';
import { slackUserId } from '../../src/ids.ts';
import { matrixTrees, trees } from './trees.ts';

/** Limits that count characters only, so that tests can say where a cut comes. */
const characters = (size: number): SplitLimits => ({
  size,
  character: (char) => char.length,
  unit: 1,
  inline: 0,
  block: 0,
  level: 0,
});

function split(size: number, ...blocks: readonly Block[]): readonly (readonly Block[])[] {
  return splitDoc({ blocks }, characters(size)).map((doc) => doc.blocks);
}

/** All text in a tree, in order, without what stands between. */
function wordsOf(docs: readonly Doc[]): string {
  const words: string[] = [];
  JSON.stringify(docs, (key, value: unknown) => {
    if ((key === 'text' || key === 'label') && typeof value === 'string') words.push(value);
    return value;
  });
  return words.join('').replaceAll(/\s/g, '');
}

test('no character costs more than the most that is reckoned with', () => {
  for (const { character, unit } of [slackLimits, matrixLimits])
    for (let point = 0; point < 0x11000; point += 1) {
      const char = String.fromCodePoint(point);
      assert.ok(character(char) <= unit * char.length, `U+${point.toString(16)}`);
    }
});

test('a message that fits is one piece, an empty one is none', () => {
  const doc = { blocks: [p('a'), h(1, 'T'), ul([p('b')])] };
  assert.deepEqual(splitDoc(doc), [doc]);
  assert.deepEqual(splitDoc({ blocks: [] }), []);
  assert.deepEqual(splitDoc(textDoc('a'.repeat(11_000))).length, 1);
  assert.deepEqual(splitDoc(textDoc('a'.repeat(12_001))).length, 2);
});

test('cuts come between blocks, then behind lines, then behind words', () => {
  assert.deepEqual(split(10, p('12345678'), p('abcdef')), [[p('12345678')], [p('abcdef')]]);
  assert.deepEqual(split(10, p('one two three four')), [[p('one two ')], [p('three four')]]);
  assert.deepEqual(split(10, p('12345678', break_, 'ab cdef')), [[p('12345678')], [p('ab cdef')]]);
  assert.deepEqual(split(10, p('123456789012345')), [[p('1234567890')], [p('12345')]]);
});

test('no cut comes inside a grapheme, a mention, an emoji or a link', () => {
  assert.deepEqual(split(11, p('👩‍💻👩‍💻👩‍💻')), [[p('👩‍💻👩‍💻')], [p('👩‍💻')]]);
  const user = mention({ type: 'slack-user', user: slackUserId('U12345') });
  assert.deepEqual(split(15, p('1234567', user)), [[p('1234567')], [p(user)]]);
  assert.deepEqual(split(10, p('12345678', emoji('wave', '👋'))), [
    [p('12345678')],
    [p(emoji('wave', '👋'))],
  ]);
  const site = link('https://x.org', 'a b c');
  assert.deepEqual(split(20, p('123', site)), [[p('123')], [p(site)]]);
});

test('a link that is longer than a piece becomes text that is cut', () => {
  const pieces = split(10, p(link('https://example.org/long', 'a long label')));
  assert.equal(
    pieces
      .flat()
      .map((block) => plainText({ blocks: [block] }))
      .join(''),
    '[a long label](https://example.org/long)',
  );
});

test('code is closed and opened again, at its lines', () => {
  assert.deepEqual(split(10, code('line one\nline two\n123456789012', 'js')), [
    [code('line one', 'js')],
    [code('line two', 'js')],
    [code('1234567890', 'js')],
    [code('12', 'js')],
  ]);
});

test('lists go on with their numbers, quotes go on', () => {
  assert.deepEqual(split(4, ol(3, [p('aaa')], [p('bbb')], [p('cc'), ul([p('dd')], [p('ee')])])), [
    [ol(3, [p('aaa')])],
    [ol(4, [p('bbb')])],
    [ol(5, [p('cc')])],
    [ol(5, [ul([p('dd')], [p('ee')])])],
  ]);
  assert.deepEqual(split(4, quote(p('aaa'), quote(p('bb', break_, 'c')), p('d')), p('e')), [
    [quote(p('aaa'))],
    [quote(quote(p('bb', break_, 'c')))],
    [quote(p('d')), p('e')],
  ]);
});

test('tables are cut between rows, under their header again', () => {
  const table = (...rows: readonly string[]): Block => ({
    type: 'table',
    header: [[t('h')]],
    rows: rows.map((row) => [[t(row)]]),
  });
  assert.deepEqual(split(10, table('aaaa', 'bbbb', 'cccc')), [[table('aaaa', 'bbbb')], [table('cccc')]]);
});

test('marks go on over a cut', () => {
  assert.deepEqual(split(10, p(t('one two three', 'bold'))), [
    [p(t('one two ', 'bold'))],
    [p(t('three', 'bold'))],
  ]);
});

test('whatever is split, each piece is within the limits and nothing is lost', () => {
  const sizes = [60, 200, 1000];
  fc.assert(
    fc.property(
      fc.array(trees(matrixTrees), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...sizes),
      (docs, size) => {
        const doc = normalise({ blocks: docs.flatMap(({ blocks }) => blocks) });
        const pieces = splitDoc(doc, characters(size));
        for (const piece of pieces) assert.ok(wordsOf([piece]).length <= size, JSON.stringify(piece));
        const links = wordsOf([doc]).length; // links that were too long add their address, never take anything away
        assert.ok(wordsOf(pieces).length >= links);
        assert.deepEqual(splitDoc(doc, characters(size)), pieces);
      },
    ),
    { numRuns: 300 },
  );
});

test('long messages fit the networks in each of their forms', () => {
  const units = ['word ', '&', '<b>"\'', '👩‍💻', 'a\n', '\u0001é'];
  for (const unit of units) {
    const words = unit.repeat(Math.ceil(60_000 / unit.length));
    const blocks = [p(words), ul([p(words)], [quote(p(words))]), code(words), p(t(words, 'bold', 'code'))];
    for (const piece of splitDoc({ blocks }, slackLimits)) {
      const mrkdwn = renderMrkdwn(piece).length;
      assert.ok(mrkdwn <= 13_200, `${unit} ${mrkdwn}`);
      assert.ok(JSON.stringify(renderRichText(piece)).length <= 100_000, unit);
    }
    for (const piece of splitDoc({ blocks }, matrixLimits)) {
      const { body, formattedBody } = renderHtml(piece);
      const bytes = Buffer.byteLength(JSON.stringify({ body, formattedBody }));
      assert.ok(bytes <= 46_000, `${unit} ${bytes}`);
    }
  }
});
