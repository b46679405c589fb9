import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { WaitForFile } from '../../src/errors.ts';
import type { FileKey } from '../../src/errors.ts';
import { portalId } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { linkOf, makePortal, slackMessage, storeBed, tsOf } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

const portal = portalId(1);
const keyOf = (n: number): FileKey => `media:1:file:F${n}`;
const arrived = { target: 'mxc://hs/1', size: 1, mimetype: 'text/plain' };

describe('an item whose file is on its way', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    await makePortal(store, 1);
  });
  after(() => bed.close());

  function begin(n: number) {
    const source = `F${n}`;
    const direction = 'to_matrix';
    return store.media.begin({ key: keyOf(n), portal, source, kind: 'file', direction, sender: 'UBOB' });
  }

  it('lets later ones pass, keeps what it did, and goes on when the file is there', async () => {
    const seen: string[] = [];
    await begin(1);
    const worker = testWorker(store, async (turn) => {
      const n = numberIn(turn.item.payload);
      if (n === 1 && (await begin(1)).state === 'begun') {
        turn.remember({ type: 'link', link: linkOf(portal, 1) });
        seen.push('1 waits');
        throw new WaitForFile(keyOf(1));
      }
      seen.push(`${n}`);
    });
    await store.intake.store([slackMessage(1, 1), slackMessage(1, 2)]);
    await worker.idle();
    assert.deepEqual(seen, ['1 waits', '2']);
    assert.equal((await store.depth()).parked, 1);
    assert.equal((await store.links.byTs(portal, tsOf(1))).length, 1);
    await store.media.arrived(keyOf(1), arrived);
    while ((await store.depth()).parked > 0) await sleep(20);
    await worker.idle();
    assert.deepEqual(seen, ['1 waits', '2', '1']);
    await worker.drain(1000);
  });

  it('is not set aside when the file came just before, and goes on when it can’t come', async () => {
    const seen: string[] = [];
    await begin(11);
    await store.media.arrived(keyOf(11), arrived);
    await begin(12);
    const worker = testWorker(store, async (turn) => {
      const n = numberIn(turn.item.payload);
      const again = seen.includes(`${n}`);
      seen.push(`${n}`);
      if (!again) throw new WaitForFile(keyOf(n));
    });
    await store.intake.store([slackMessage(1, 11), slackMessage(1, 12)]);
    await worker.idle();
    assert.deepEqual(seen.toSorted(), ['11', '11', '12']);
    await store.media.failed(keyOf(12), 'file-gone', 'it is not there any more');
    while ((await store.depth()).parked > 0) await sleep(20);
    await worker.idle();
    assert.deepEqual(seen.toSorted(), ['11', '11', '12', '12']);
    await worker.drain(1000);
  });

  it('is never given up for waiting, and looks for itself after a while', async () => {
    const waited: boolean[] = [];
    const given: string[] = [];
    const handle = ({ item }: { item: { waited: boolean } }): Promise<void> => {
      waited.push(item.waited);
      return Promise.reject(new WaitForFile(keyOf(21)));
    };
    const worker = testWorker(store, handle, { giveUp: async (_item, { code }) => void given.push(code) });
    await store.intake.store([slackMessage(1, 21)]);
    await worker.idle();
    for (let times = 0; times < 3; times += 1) {
      await store.media.wake();
      const before = waited.length;
      while (waited.length === before) await sleep(20);
      await worker.idle();
    }
    assert.deepEqual(new Set(waited), new Set([false]));
    assert.deepEqual(given, []);
    assert.equal((await store.depth()).parked, 1);
    await worker.drain(1000);
  });
});
