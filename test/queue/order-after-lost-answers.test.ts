import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';
import pg from 'pg';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/open-store.ts';
import type { Worker } from '../../src/queue/worker.ts';
import { startCutProxy } from '../store/cut-proxy.ts';
import type { CutProxy } from '../store/cut-proxy.ts';
import { query } from '../store/query.ts';
import { log, makePortal, matrixMessage, noMetrics, storeBed } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

/** The homeserver repeats what wasn't acknowledged, then sends what is younger: that must not be handled first. */
describe('an event that was stored while the connection was lost', () => {
  let bed: StoreBed;
  let proxy: CutProxy;
  let store: Store;
  let worker: Worker;
  let order: number[];
  beforeEach(async () => {
    bed = await storeBed();
    proxy = await startCutProxy(bed.url);
    store = await openStore({
      connection: { url: proxy.url },
      key: { file: bed.keyFile },
      log,
      metrics: noMetrics,
    });
    await makePortal(store, 1);
    order = [];
    worker = testWorker(store, async ({ item }) => void order.push(numberIn(item.payload)));
    await store.intake.store([matrixMessage(1, 1)]);
    await handled(1);
  });
  afterEach(async () => {
    await worker.drain(1000);
    await store.close();
    await proxy.close();
    await bed.close();
  });

  async function until(condition: () => Promise<boolean> | boolean, what: string): Promise<void> {
    const end = performance.now() + 10_000;
    while (!(await condition())) {
      assert.ok(performance.now() < end, what);
      await sleep(2);
    }
  }

  const handled = (count: number) => until(() => order.length === count, `${count} events are handled`);
  const waiting = async (): Promise<number> =>
    (await query(bed.url, `select from inbox where state = 'ready'`)).length;

  it('stands before younger ones', async () => {
    proxy.swallow();
    const lost = assert.rejects(store.intake.store([matrixMessage(1, 2)]), /out of reach/);
    await until(async () => (await waiting()) === 1, 'it is in the database');
    proxy.cut();
    await lost;
    await until(() => store.health().ok, 'the database is there again');
    await store.intake.store([matrixMessage(1, 2), matrixMessage(1, 3)]);
    await handled(3);
    assert.deepEqual(order, [1, 2, 3]);
  });

  it('stands before younger ones, also if it was committed after the next connection had looked', async () => {
    const other = new pg.Client(bed.url);
    await other.connect();
    await other.query('begin');
    await other.query('lock table seen in share row exclusive mode');
    const lost = assert.rejects(store.intake.store([matrixMessage(1, 2)]), /out of reach/);
    const blocked = `select from pg_locks where not granted and relation = 'seen'::regclass`;
    await until(async () => (await query(bed.url, blocked)).length > 0, 'it waits for the lock');
    proxy.cut();
    await lost;
    await until(() => store.health().ok, 'the database is there again');
    await sleep(1500); // one look and a next
    const again = store.intake.store([matrixMessage(1, 2), matrixMessage(1, 3)]);
    await other.query('commit');
    await again;
    await other.end();
    await handled(3);
    assert.deepEqual(order, [1, 2, 3]);
  });
});
