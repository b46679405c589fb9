import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cpuFigures, deliveryFigures, latencyFigures, throughputFigures } from './figures.ts';
import { figure, figureTable } from '../support/figure.ts';

describe('the figures of a benchmark', () => {
  it('are objects with a name, a value, a unit, a goal, and whether it is reached', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(figure('memory.idle', 151.23456, 'MiB', { atMost: 150 }))), {
      name: 'memory.idle',
      value: 151.235,
      unit: 'MiB',
      goal: { atMost: 150 },
      ok: false,
    });
    assert.deepEqual(figure('memory.after', 200, 'MiB'), {
      name: 'memory.after',
      value: 200,
      unit: 'MiB',
      goal: null,
      ok: true,
    });
  });

  it('reach a goal that they meet exactly, and never one without a value', () => {
    assert.equal(figure('x', 8, 'ms', { atMost: 8 }).ok, true);
    assert.equal(figure('x', 0.9, '×', { atLeast: 0.9 }).ok, true);
    assert.equal(figure('x', 0.899, '×', { atLeast: 0.9 }).ok, false);
    assert.equal(figure('x', NaN, 'ms', { atMost: 8 }).ok, false);
    assert.equal(figure('x', NaN, '×', { atLeast: 0.9 }).ok, false);
  });

  it('compare the times by way of the bridge with those of a bare client', () => {
    const figures = latencyFigures('slack_to_matrix', { bridge: [30, 20, 40], bare: [10, 15, 20] });
    assert.deepEqual(
      figures.map(({ name, value, ok }) => [name, value, ok]),
      [
        ['slack_to_matrix.latency.median', 30, true],
        ['slack_to_matrix.latency.p95', 40, true],
        ['slack_to_matrix.latency.bare.median', 15, true],
        ['slack_to_matrix.latency.bare.p95', 20, true],
        ['slack_to_matrix.latency.ratio', 2, true],
        ['slack_to_matrix.latency.difference.median', 15, false],
        ['slack_to_matrix.latency.difference.p95', 20, true],
      ],
    );
  });

  it('are messages a second, and work for each message', () => {
    const loads = {
      bridge: { messages: 90, milliseconds: 2000 },
      bare: { messages: 100, milliseconds: 2000 },
    };
    assert.deepEqual(
      throughputFigures('x', loads).map(({ value, ok }) => [value, ok]),
      [
        [45, true],
        [50, true],
        [0.9, true],
      ],
    );
    const work = { messages: 100, bridgeMilliseconds: 210, postgresMilliseconds: 50 };
    assert.deepEqual(
      cpuFigures('x', work).map(({ name, value, ok }) => [name, value, ok]),
      [
        ['x.cpu.bridge', 2.1, false],
        ['x.cpu.postgres', 0.5, true],
      ],
    );
  });

  it('have names of their own', () => {
    const names = ['slack_to_matrix', 'matrix_to_slack'].flatMap((direction) =>
      [
        ...latencyFigures(direction, { bridge: [1], bare: [1] }),
        ...deliveryFigures(direction, { lost: 0, doubled: 0, outOfOrder: 0 }),
      ].map(({ name }) => name),
    );
    assert.equal(new Set(names).size, names.length);
  });

  it('are shown with a word at those that miss their goal', () => {
    const [head, rule, missed, free] = figureTable([
      figure('a.b', 12.5, 'ms', { atMost: 8 }),
      figure('longer.name', 3, 'messages'),
    ]).split('\n');
    assert.match(head ?? '', /^\| Figure +\| +Value \| Unit +\| Goal +\| +\|$/);
    assert.match(rule ?? '', /^\| -+ \| -+: \| -+ \| -+ \| -+ \|$/);
    assert.match(missed ?? '', /^\| a\.b +\| +12\.50 \| ms +\| ≤ 8 +\| not reached \|$/);
    assert.match(free ?? '', /^\| longer\.name +\| +3 \| messages +\| +\| +\|$/);
  });
});
