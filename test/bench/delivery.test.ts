import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createArrivals } from './arrivals.ts';
import { checkDelivery, sumDeliveries } from './delivery.ts';

describe('the check of what arrived', () => {
  const sent = ['a', 'b', 'c', 'd'];

  it('finds nothing wrong where all came once and in order, whatever else stands there', () => {
    assert.deepEqual(checkDelivery(sent, ['hello', 'a', 'b', 'welcome', 'c', 'd']), {
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
    });
  });

  it('counts what is missing, what came again, and what came after a younger one', () => {
    assert.deepEqual(checkDelivery(sent, ['a', 'b', 'd']), { lost: 1, doubled: 0, outOfOrder: 0 });
    assert.deepEqual(checkDelivery(sent, ['a', 'b', 'a', 'a', 'c', 'd']), {
      lost: 0,
      doubled: 2,
      outOfOrder: 0,
    });
    assert.deepEqual(checkDelivery(sent, ['a', 'd', 'b', 'c']), { lost: 0, doubled: 0, outOfOrder: 2 });
    assert.deepEqual(checkDelivery(sent, []), { lost: 4, doubled: 0, outOfOrder: 0 });
  });

  it('adds up places', () => {
    const one = { lost: 1, doubled: 2, outOfOrder: 3 };
    assert.deepEqual(sumDeliveries([one, one]), { lost: 2, doubled: 4, outOfOrder: 6 });
  });
});

describe('arrivals', () => {
  it('tell when a text was first seen, before and after somebody waits for it', async () => {
    const arrivals = createArrivals();
    const waiting = arrivals.waitFor('late', 5_000);
    arrivals.note('room', 'early', 1);
    arrivals.note('room', 'early', 2);
    arrivals.note('room', 'late', 3);
    assert.deepEqual([await waiting, await arrivals.waitFor('early', 5_000)], [3, 1]);
    assert.deepEqual(arrivals.texts('room'), ['early', 'early', 'late']);
    assert.deepEqual(arrivals.texts('elsewhere'), []);
  });

  it('have no time for what does not come', async () => {
    assert.equal(await createArrivals().waitFor('never', 1), undefined);
  });
});
