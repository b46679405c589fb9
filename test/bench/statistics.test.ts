import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { median, percentile } from './statistics.ts';

describe('the statistics of a benchmark', () => {
  it('take the middle value, or what lies between the two middle ones', () => {
    assert.equal(median([5, 1, 100]), 5);
    assert.equal(median([4, 1, 2, 100]), 3);
    assert.equal(median([7]), 7);
  });

  it('take the percentile by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    assert.equal(percentile(hundred, 95), 95);
    assert.equal(percentile(hundred, 100), 100);
    assert.equal(percentile([3, 1, 2], 95), 3);
    assert.equal(percentile([3, 1, 2], 1), 1);
  });

  it('sort by value, not by text', () => {
    assert.equal(percentile([9, 10, 100], 100), 100);
    assert.equal(median([9, 10, 100]), 10);
  });

  it('have no value for nothing', () => {
    assert.equal(median([]), NaN);
    assert.equal(percentile([], 95), NaN);
  });

  it('leave as many values below the percentile as they say', () => {
    const values = fc.array(fc.integer(), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (times, percent) => {
        const found = percentile(times, percent);
        const within = times.filter((time) => time <= found).length;
        const below = times.filter((time) => time < found).length;
        assert.ok(within / times.length >= percent / 100);
        assert.ok(below / times.length < percent / 100);
      }),
    );
  });
});
