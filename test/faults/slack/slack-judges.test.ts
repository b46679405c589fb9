import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callsTooEarly } from './slack-log.ts';
import type { SlackEntry } from './slack-log.ts';
import { gapsAfter, gapsIn } from './socket-gaps.ts';

function call(at: number, channel: string, retryAfter?: number, name = 'chat.postMessage'): SlackEntry {
  const outcome = retryAfter === undefined ? 'ok' : 'rate_limited';
  return { seq: at, at, kind: 'api', name, outcome, details: { team: 'T1', channel, retryAfter } };
}

test('a call before its Retry-After is over is seen, and only in its own channel', () => {
  const limited = call(1_000, 'C1', 2);
  assert.deepEqual(callsTooEarly([limited, call(1_500, 'C2'), call(3_000, 'C1')]), []);
  assert.deepEqual(callsTooEarly([limited, call(2_999, 'C1')]), ['chat.postMessage T1 C1, 1 ms early']);
});

test('a call of a method for the whole workspace may have been under way when another one was refused', () => {
  const limited = call(1_000, 'C1', 2, 'chat.update');
  const other = (at: number): SlackEntry => call(at, 'C2', undefined, 'chat.update');
  assert.deepEqual(callsTooEarly([limited, other(1_100)]), []);
  assert.equal(callsTooEarly([limited, other(1_900)]).length, 1);
});

test('a time without any connection counts from the last one that ends or stays silent to the next one', () => {
  const socket = (at: number, name: string, outcome: string): SlackEntry => ({
    seq: at,
    at,
    kind: 'socket',
    name,
    outcome,
    details: {},
  });
  const entries = [
    socket(10, 'A', 'closed'),
    socket(20, 'B', 'half_open'),
    socket(25, 'C', 'muted'),
    socket(50, 'D', 'opened'),
    socket(60, 'D', 'closed'),
  ];
  const gaps = gapsIn(['A', 'B'], entries, 100);
  assert.deepEqual(gaps, [
    { from: 20, milliseconds: 30 },
    { from: 60, milliseconds: 40 },
  ]);
  assert.deepEqual(gapsAfter([0, 15, 55], gaps), [0, 30, 40]);
});
