import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHtml } from '../../src/format/html.ts';
import { parseMrkdwn } from '../../src/format/mrkdwn.ts';
import { checkMatrixEvent } from '../fuzz/checks/check-matrix-event.ts';
import { checkSlackBody } from '../fuzz/checks/check-slack-body.ts';
import { checkHtmlText, checkMrkdwn } from '../fuzz/checks/check-text.ts';
import { readCorpus } from '../fuzz/corpus.ts';
import type { Kind } from '../fuzz/corpus.ts';
import { testFuzzed } from '../fuzz/fuzz.ts';
import { specials } from '../fuzz/specials.ts';

/** Another one in each run; FUZZ_SEED repeats one. */
const seed = Math.floor(Math.random() * 2 ** 31);
const inputs = 20_000;

testFuzzed('slack-bodies', checkSlackBody, inputs, seed);
testFuzzed('matrix-events', checkMatrixEvent, inputs, seed);
testFuzzed('mrkdwn', checkMrkdwn, inputs, seed);
testFuzzed('html', checkHtmlText, inputs, seed);

/** Milliseconds of this thread's own, whoever else uses the processor: the least of several runs. */
function quickest(work: () => void): number {
  const times = Array.from({ length: 5 }, () => {
    const begin = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(begin);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

/** In milliseconds; what takes less says nothing. */
const measurable = 20;

/** @param half characters. */
function assertLinear(unit: string, half: number, parse: (text: string) => void): void {
  const text = (length: number): string => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
  const ratio = (): number => {
    const short = quickest(() => parse(text(half)));
    const long = quickest(() => parse(text(2 * half)));
    return long < measurable ? 1 : long / short;
  };
  const ratios = [ratio()];
  while (Math.min(...ratios) >= 2.5 && ratios.length < 6) ratios.push(ratio());
  assert.ok(Math.min(...ratios) < 2.5, `${JSON.stringify(unit.slice(0, 80))}: ${ratios.join(', ')}`);
}

function unitsOf(kind: Kind): readonly string[] {
  const texts = readCorpus(kind).flatMap(({ input }) => (input.format === 'text' ? input.text : []));
  const pairs = specials.flatMap((first, index) => [
    first,
    first + (specials[(index * 7 + 3) % specials.length] ?? ''),
  ]);
  return [...texts, ...pairs].filter((unit) => unit !== '');
}

test('twice the mrkdwn takes less than 2.5 times as long, whatever is repeated', () => {
  for (const unit of unitsOf('mrkdwn')) assertLinear(unit, 200_000, parseMrkdwn);
});

test('twice the HTML takes less than 2.5 times as long, whatever is repeated', () => {
  for (const unit of unitsOf('html')) assertLinear(unit, 32_000, parseHtml); // more isn't read
});

test('twice the HTML takes less than 2.5 times as long, whatever is repeated in an attribute', () => {
  const elements = [
    'img data-mx-emoticon alt',
    'img src',
    'a href',
    'span data-mx-color',
    'span data-mx-maths',
    'code class',
    'ol start',
  ];
  for (const element of elements)
    for (const unit of [':', ' ', '-', '/', '%', '#', '.', '@', 'a:', 'language-', 'mxc://'])
      assertLinear(unit, 32_000, (text) => void parseHtml(`<${element}="x${text}x">y`));
});
