import assert from 'node:assert/strict';
import { it } from 'node:test';
import { verdictOf } from './judge.ts';

const written = ['a', 'b', 'c', 'd', 'e'].map((text) => ({ text, author: 'Ann' }));

it('a verdict counts what is lost, doubled, out of order, late and under a wrong name', () => {
  const seen = [
    ...['b', 'a', 'd', 'd', 'c'].map((text) => ({ text, author: 'Ann (Matrix)' })),
    { text: 'nobody of ours wrote this', author: 'Bob' },
  ];
  const right = { sent: 5, lost: 1, doubled: 1, outOfOrder: 2, late: 0, stateDiffers: 0 };
  assert.deepEqual(verdictOf(written, seen, new Set()), right);
  assert.deepEqual(verdictOf(written, seen, new Set(['c'])), { ...right, outOfOrder: 1, late: 1 });
  const underWrongName = seen.map(({ text }) => ({ text, author: 'Bob' }));
  assert.equal(verdictOf(written, underWrongName, new Set()).stateDiffers, 5);
});
