import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { Change } from '../../src/portal/ports.ts';
import type { Handle } from '../../src/queue/ports.ts';
import { makePortal, slackMessage, storeBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

const portals = [1, 2, 3, 4];

describe('items that two processes store in the same lanes', () => {
  it('are handled in the order in which they were stored, whoever stored them', async () => {
    const bed = await storeBed();
    const [first, second] = [await bed.open(), await bed.open()];
    for (const portal of portals) await makePortal(first, portal);
    await second.portals.refresh();
    const order = new Map<string, number[]>();
    const note: Handle<Change> = async ({ item }) => {
      order.set(item.lane, [...(order.get(item.lane) ?? []), numberIn(item.payload)]);
      await Promise.resolve();
    };
    const workers = [testWorker(first, note), testWorker(second, note)];
    const numbers = Array.from({ length: 50 }, (_, index) => 100 + index);
    for (const n of numbers) {
      // Each is told when the one before it is acknowledged, to the other process.
      const deliveries = portals.map((portal) => [portal, slackMessage(portal, n)] as const);
      for (const [portal, delivery] of deliveries)
        await ((n + portal) % 2 === 0 ? first : second).intake.store([delivery]);
    }
    while ((await first.depth()).toMatrix.items > 0) await sleep(20);
    await Promise.all(workers.map((worker) => worker.idle()));
    assert.deepEqual(
      [...order.values()],
      portals.map(() => numbers),
    );
    await Promise.all(workers.map((worker) => worker.drain(1000)));
    await bed.close();
  });
});
