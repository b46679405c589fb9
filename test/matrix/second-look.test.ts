import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecondLook } from '../../src/matrix/second-look.ts';

test('after an outage the homeserver is to look four times, at growing distances, and then not until the next one', () => {
  let now = 5_000;
  const look = createSecondLook(() => now);
  assert.equal(look.isDue(), false);
  look.plan();
  assert.equal(look.isDue(), false);
  now += 1_000;
  assert.deepEqual([look.isDue(), look.isDue()], [true, false]);
  for (const wait of [9_000, 50_000, 540_000]) {
    assert.equal(look.isDue(), false);
    now += wait;
    assert.deepEqual([look.isDue(), look.isDue()], [true, false]);
  }
  now += 3_600_000;
  assert.equal(look.isDue(), false);
  look.plan();
  now += 1_000;
  assert.equal(look.isDue(), true);
});
