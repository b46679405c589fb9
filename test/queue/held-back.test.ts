import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Store } from '../../src/store/open-store.ts';
import { makePortal, slackMessage, storeBed } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

describe('an item that is held back', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    await makePortal(store, 1);
    await makePortal(store, 2);
  });
  after(() => bed.close());

  it('lets older ones pass that are stored meanwhile, and holds up no other lane', async () => {
    const handled: number[] = [];
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const other = Promise.withResolvers<void>();
    let isOver = false;
    const worker = testWorker(
      store,
      async (turn) => {
        handled.push(numberIn(turn.item.payload));
        if (handled.length === 1) other.resolve();
      },
      {
        holdBack: ({ lane }) => {
          if (isOver || !lane.startsWith('portal:1:')) return undefined;
          asked.resolve();
          return over;
        },
      },
    );
    await store.intake.store([slackMessage(1, 5)]);
    await asked.promise;
    await store.intake.store([slackMessage(1, 3), slackMessage(1, 4), slackMessage(2, 9)]);
    await other.promise;
    assert.deepEqual(handled, [9]);
    isOver = true;
    end();
    while (handled.length < 4) await worker.idle();
    assert.deepEqual(handled, [9, 3, 4, 5]);
    await worker.drain(1000);
  });
});
