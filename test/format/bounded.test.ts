import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainText } from '../../src/format/doc.ts';
import type { Doc } from '../../src/format/doc.ts';
import { parseHtml, renderHtml } from '../../src/format/html.ts';
import { parseMrkdwn, renderMrkdwn } from '../../src/format/mrkdwn.ts';
import { renderRichText } from '../../src/format/rich-text.ts';
import { splitDoc } from '../../src/format/splitter.ts';

/** How many nodes a tree has, and how deep they lie. */
function measure(value: unknown, depth = 0): { readonly nodes: number; readonly depth: number } {
  if (typeof value !== 'object' || value === null) return { nodes: 0, depth };
  return Object.values(value)
    .map((child) => measure(child, depth + 1))
    .reduce(
      (total, child) => ({ nodes: total.nodes + child.nodes, depth: Math.max(total.depth, child.depth) }),
      { nodes: 1, depth },
    );
}

const full = (unit: string) => unit.repeat(Math.floor(65_000 / unit.length));

const html: readonly string[] = [
  '<b>',
  '<b><i><u>',
  '<div>',
  '<blockquote>',
  '<ul><li>',
  '<ol>',
  '<table><tr><td>',
  '<a href="https://x.org">x',
  '<p>x',
  '<b id=x><p>x',
  '<pre>',
  '<details>',
  '<a><b>',
  '</b>',
  '<span data-mx-spoiler>x',
  '<',
  '<b ',
  '&',
  '&amp',
  '<!--',
  '<td>',
  '<li>',
  '<mx-reply>',
  '<h1>x',
  '<br>',
  ' x ',
  '\u00A0 ',
  '<blockquote>x<br>x',
].map(full);

const mrkdwn: readonly string[] = [
  '<',
  '<@',
  '<!date^',
  '<https://x.org|',
  '*',
  '*a',
  '*a *b* ',
  '_*~',
  '`',
  '``',
  '```',
  '``` ',
  '&gt;',
  '&gt; x\n',
  '>>> \n',
  ':',
  ':a',
  ':a:',
  '&amp;',
  '\n',
  '*_~a',
  '<<>',
  'a_',
].map(full);

test('64 KiB of anything make a tree and texts that are no more than a few times as large, and no deeper than a few hundred', () => {
  for (const [source, doc] of [
    ...html.map((text) => [text, parseHtml(text)] as const),
    ...mrkdwn.map((text) => [text, parseMrkdwn(text)] as const),
  ]) {
    const name = source.slice(0, 20);
    const size = measure(doc);
    assert.ok(size.nodes <= source.length * 3, `${name}: ${size.nodes} nodes`);
    assert.ok(size.depth <= 450, `${name}: ${size.depth} deep`);
    for (const text of [
      renderHtml(doc).body,
      renderHtml(doc).formattedBody ?? '',
      renderMrkdwn(doc),
      JSON.stringify(renderRichText(doc)),
    ]) {
      assert.ok(text.length <= source.length * 20 + 1000, `${name}: ${text.length}`);
    }
    assert.ok(splitDoc(doc).length <= 200, name);
  }
});

test('what lies deeper than a hundred elements is still there', () => {
  const doc: Doc = parseHtml(`${'<blockquote>'.repeat(300)}deep${'</blockquote>'.repeat(300)}after`);
  assert.ok(plainText(doc).includes('deep'));
  assert.ok(plainText(doc).includes('after'));
});

test('nothing beyond 64 KiB of HTML is read', () => {
  assert.equal(plainText(parseHtml(`${'x'.repeat(65_536)}beyond`)).includes('beyond'), false);
});
