import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseHtml, renderHtml } from '../../src/format/html.ts';
import { parseMrkdwn, renderMrkdwn } from '../../src/format/mrkdwn.ts';
import { renderRichText } from '../../src/format/rich-text.ts';
import { splitDoc } from '../../src/format/splitter.ts';
import { textDoc } from '../../src/format/doc.ts';
import { startCounting } from './steps.ts';

/** What makes a parser look again at what it has seen, or go back: repeated until the text is long. */
const patterns: Readonly<Record<string, string>> = {
  'the same letter': 'a',
  'signs that open': '*',
  'signs that open words': ' *a',
  'signs of all kinds, crossed': '*_~a ',
  'brackets that open': '[',
  'angles that open': '<',
  'angles and a bar': '<https://x.org|',
  'angles around angles': '<<>',
  'mentions without an end': '<@U1',
  'fences without an end': '```\n',
  'an odd number of ticks': '` `` ',
  colons: ':',
  'names without their second colon': ':a',
  'escapes of escapes': '&amp;',
  'half escapes': '&am',
  'quotes in quotes': '&gt;',
  'quotes in lines': '> a\n',
  'empty lines': '\n',
  spaces: ' ',
  'spaces at ends of lines': 'a  \n',
  'elements that open': '<b>',
  'elements in elements': '<div><span>',
  'misnested elements': '<b><i></b>',
  'links in links': '<a href="https://x.org">',
  'lists in lists': '<ul><li>',
  'quotes in HTML': '<blockquote>',
  'tables in tables': '<table><tr><td>',
  'attributes without an end': '<b a="',
  'many attributes': '<b a=b c=d>',
  'comments without an end': '<!--',
  'paragraphs that close nothing': '</p>',
  'fallbacks of replies': '<mx-reply>',
};

/** Each is compared with twice as much. The small one is told at once when it is wrong. */
const sizes = [2 * 1024, 32 * 1024];
/** What isn't the text's: the lengths at which a text is cut, the depth below which nothing is nested any more. */
const fixed = 100_000;
/** Twice as much makes four times the steps where they are quadratic. */
const linear = 3;
const mostForEach = 100;

const { stepsOf, stop } = await startCounting();
after(stop);

function repeated(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

async function assertLinear(what: string, unit: string, work: (text: string) => void): Promise<void> {
  for (const size of sizes) {
    const one = await stepsOf(() => work(repeated(unit, size)));
    const two = await stepsOf(() => work(repeated(unit, 2 * size)));
    assert.ok(two <= one * linear + fixed, `${what}: ${one} steps, and ${two} for twice as much`);
    assert.ok(two <= 2 * size * mostForEach + fixed, `${what}: ${two} steps for ${2 * size} characters`);
  }
}

for (const [what, unit] of Object.entries(patterns)) {
  test(`64 KiB of ${what} take no more than twice the steps of 32, or little more`, async () => {
    await assertLinear('as mrkdwn', unit, (text) => parseMrkdwn(text));
    await assertLinear('as HTML', unit, (text) => parseHtml(text));
    await assertLinear('written', unit, (text) => {
      const doc = textDoc(text);
      renderHtml(doc);
      renderMrkdwn(doc);
      renderRichText(doc);
      splitDoc(doc);
    });
  });
}
