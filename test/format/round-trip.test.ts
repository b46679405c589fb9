import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalise, plainText, textDoc } from '../../src/format/doc.ts';
import { parseHtml, renderHtml } from '../../src/format/html.ts';
import { parseMrkdwn, renderMrkdwn } from '../../src/format/mrkdwn.ts';
import { parseRichText, renderRichText } from '../../src/format/rich-text.ts';
import { mrkdwnTrees } from './mrkdwn-trees.ts';
import { matrixTrees, slackTrees, trees } from './trees.ts';

test('a tree survives the way through rich_text', () => {
  fc.assert(
    fc.property(trees(slackTrees), (doc) => {
      assert.deepEqual(parseRichText(renderRichText(doc)), doc);
    }),
    { numRuns: 400 },
  );
});

test('a tree survives the way through HTML', () => {
  fc.assert(
    fc.property(trees(matrixTrees), (doc) => {
      const { body, formattedBody } = renderHtml(doc);
      assert.deepEqual(formattedBody === undefined ? textDoc(body) : parseHtml(formattedBody), doc);
    }),
    { numRuns: 400 },
  );
});

test('a tree survives the way through mrkdwn, as far as mrkdwn has signs for it', () => {
  fc.assert(
    fc.property(mrkdwnTrees, (doc) => {
      assert.deepEqual(parseMrkdwn(renderMrkdwn(doc, { broadcast: true })), doc);
    }),
    { numRuns: 400 },
  );
});

test('plain text survives the way through mrkdwn, apart from what looks like marks there', () => {
  const texts = fc
    .array(
      fc.constantFrom(
        'word',
        ' ',
        '<',
        '>',
        '&',
        '&lt;',
        '<!channel>',
        '<@U1>',
        '<https://x.org|y>',
        '|',
        'é',
        '\n',
      ),
    )
    .map((parts) => `a${parts.join('')}b`.replaceAll(/\n+>+/g, '\n')); // a line that begins with > is a quote there
  fc.assert(
    fc.property(texts, (text) => {
      assert.equal(plainText(parseMrkdwn(renderMrkdwn(textDoc(text)))), plainText(textDoc(text)));
    }),
  );
});

test('the one form of a tree is its own one form', () => {
  fc.assert(
    fc.property(trees(matrixTrees), (doc) => {
      assert.deepEqual(normalise(doc), doc);
    }),
  );
});
