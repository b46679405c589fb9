import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { WaitForParent } from '../../src/errors.ts';
import { portalId } from '../../src/ids.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/open-store.ts';
import { startCutProxy } from '../store/cut-proxy.ts';
import type { CutProxy } from '../store/cut-proxy.ts';
import { query } from '../store/query.ts';
import { linkOf, log, makePortal, noMetrics, slackMessage, storeBed, tsOf } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

describe('a commit whose answer is lost with the connection', () => {
  let bed: StoreBed;
  let proxy: CutProxy;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    proxy = await startCutProxy(bed.url);
    store = await openStore({
      connection: { url: proxy.url },
      key: { file: bed.keyFile },
      log,
      metrics: noMetrics,
    });
    for (let n = 1; n <= 3; n += 1) await makePortal(store, n);
  });
  after(async () => {
    await store.close();
    await proxy.close();
    await bed.close();
  });

  const itemsOf = async (ts: string, state: string): Promise<number> =>
    (await query(bed.url, 'select seq from inbox where src_ts = $1 and state = $2', [ts, state])).length;

  async function until(condition: () => Promise<boolean> | boolean): Promise<boolean> {
    const end = performance.now() + 6000;
    while (performance.now() < end) {
      if (await condition()) return true;
      await sleep(20);
    }
    return false;
  }

  it('of a new event: the event is handled, although its next delivery is known already', async () => {
    const seen: number[] = [];
    const worker = testWorker(store, async ({ item }) => void seen.push(numberIn(item.payload)));
    await store.intake.store([slackMessage(1, 1)]);
    await worker.idle();
    proxy.swallow();
    const lost = store.intake.store([slackMessage(1, 2)]);
    lost.catch(() => undefined);
    assert.ok(await until(async () => (await itemsOf(tsOf(2), 'ready')) === 1));
    proxy.cut();
    await assert.rejects(lost, /out of reach/);
    await until(() => store.health().ok);
    await store.intake.store([slackMessage(1, 2)]);
    assert.ok(await until(() => seen.length === 2), `handled: ${seen.join()}`);
    await worker.drain(1000);
  });

  it('of a link: the item that waited for it is woken', async () => {
    const seen: number[] = [];
    const portal = portalId(2);
    const worker = testWorker(store, async (turn) => {
      const n = numberIn(turn.item.payload);
      if (n === 12 && (await store.links.byTs(portal, tsOf(11))).length === 0)
        throw new WaitForParent(`ts:${portal}:${tsOf(11)}`);
      turn.remember({ type: 'link', link: linkOf(portal, n) });
      if (n === 11) proxy.swallow();
      seen.push(n);
    });
    await store.intake.store([slackMessage(2, 12)]);
    assert.ok(await until(async () => (await itemsOf(tsOf(12), 'parked')) === 1));
    await store.intake.store([slackMessage(2, 11)]);
    assert.ok(await until(async () => (await itemsOf(tsOf(11), 'done')) === 1));
    proxy.cut();
    assert.ok(await until(() => seen.includes(12)), `handled: ${seen.join()}`);
    await worker.drain(1000);
  });
});
