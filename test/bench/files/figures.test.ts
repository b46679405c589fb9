import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthFigure, speedFigures, textFigures } from './figures.ts';

const values = (
  figures: readonly { readonly name: string; readonly value: number; readonly ok: boolean }[],
) => figures.map(({ name, value, ok }) => [name, value, ok]);

test('the speed of files is that of the median, beside the bare client’s', () => {
  const times = { size: 100_000_000, bridge: [1000, 1250, 9000], bare: [900, 1000, 1100] };
  assert.deepEqual(values(speedFigures('slack_to_matrix', times)), [
    ['files.slack_to_matrix.speed', 80, true],
    ['files.slack_to_matrix.speed.bare', 100, true],
    ['files.slack_to_matrix.speed.ratio', 0.8, false],
  ]);
});

test('texts beside files may take half as long again, and memory may grow by 64 MiB', () => {
  const times = { quiet: [10, 20], busy: [30, 10] };
  assert.deepEqual(values(textFigures('matrix_to_slack', times)), [
    ['files.matrix_to_slack.text.p95.quiet', 20, true],
    ['files.matrix_to_slack.text.p95.busy', 30, true],
    ['files.matrix_to_slack.text.p95.ratio', 1.5, true],
  ]);
  assert.equal(growthFigure('matrix_to_slack', 64.1).ok, false);
});
