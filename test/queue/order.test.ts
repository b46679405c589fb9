import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makePortal, matrixMessage, slackMessage, storeBed } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

describe('order in a lane', () => {
  let bed: StoreBed;
  before(async () => {
    bed = await storeBed();
  });
  after(() => bed.close());

  it('is by ts for what comes from Slack, among what is stored', async () => {
    const store = await bed.open();
    await makePortal(store, 1);
    await store.intake.store([3, 1, 2].map((n) => slackMessage(1, n)));
    const seen: number[] = [];
    const worker = testWorker(store, async ({ item }) => void seen.push(numberIn(item.payload)));
    await worker.idle();
    assert.deepEqual(seen, [1, 2, 3]);
    await worker.drain(1000);
  });

  it('is by ts, too, for what comes while another item is under way', async () => {
    const store = await bed.open();
    await makePortal(store, 3);
    const begun = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    const seen: number[] = [];
    const worker = testWorker(store, async ({ item }) => {
      seen.push(numberIn(item.payload));
      begun.resolve(undefined);
      await goOn.promise;
    });
    await store.intake.store([slackMessage(3, 1)]);
    await begun.promise;
    for (const n of [4, 2, 3]) await store.intake.store([slackMessage(3, n)]);
    goOn.resolve(undefined);
    await worker.idle();
    assert.deepEqual(seen, [1, 2, 3, 4]);
    await worker.drain(1000);
  });

  it('is that of arrival for what comes from Matrix', async () => {
    const store = await bed.open();
    await makePortal(store, 2);
    await store.intake.store([3, 1, 2].map((n) => matrixMessage(2, n)));
    const seen: number[] = [];
    const worker = testWorker(store, async ({ item }) => void seen.push(numberIn(item.payload)));
    await worker.idle();
    assert.deepEqual(seen, [3, 1, 2]);
    await worker.drain(1000);
  });
});
