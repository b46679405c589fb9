import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { makePortal, slackMessage, storeBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

describe('an item that another process stored', () => {
  it('stands before what the owner of its lane stores right afterwards, before it is told', async () => {
    const bed = await storeBed();
    const store = await bed.open();
    await makePortal(store, 1);
    const order: number[] = [];
    const worker = testWorker(store, async ({ item }) => {
      order.push(numberIn(item.payload));
      await Promise.resolve();
    });
    await store.intake.store([slackMessage(1, 1)]);
    while (order.length < 1) await sleep(5);
    const other = await bed.open();
    await other.portals.refresh();
    await other.intake.store([slackMessage(1, 2)]);
    await store.intake.store([slackMessage(1, 3)]);
    while (order.length < 3) await sleep(5);
    assert.deepEqual(order, [1, 2, 3]);
    await worker.drain(1000);
    await bed.close();
  });
});
