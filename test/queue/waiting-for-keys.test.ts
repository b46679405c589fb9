import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { WaitForKey } from '../../src/errors.ts';
import type { RoomKey } from '../../src/errors.ts';
import { outcomeOf } from '../../src/queue/outcome.ts';
import type { Item } from '../../src/queue/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from '../store/query.ts';
import { makePortal, matrixMessage, storeBed } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

const key: RoomKey = 'key:!room1:example.org:session1';
const now = 1_800_000_000_000;

function item(change: Partial<Item>): Item {
  const received = { receivedAt: new Date(now - 1000), waited: false };
  const rest = { seq: 1, lane: 'portal:1:matrix', srcTs: '', payload: Buffer.of(), attempts: 0 };
  return { ...rest, from: 'matrix', ...received, ...change };
}

describe('what an item without its key waits for', () => {
  const parkedUntil = (change: Partial<Item>): number | string => {
    const outcome = outcomeOf(item(change), new WaitForKey(key), now);
    if (outcome.type !== 'ended') return outcome.type;
    if (outcome.ending.type === 'dead') return outcome.ending.reason;
    return outcome.ending.type === 'park' ? outcome.ending.until - now : outcome.ending.type;
  };

  it('is half a minute, until its sender is told', () => assert.equal(parkedUntil({}), 30_000));

  it('is the rest of an hour after that', () => assert.equal(parkedUntil({ waited: true }), 3_599_000));

  it('is nothing after an hour: it is given up as undecryptable', () => {
    const receivedAt = new Date(now - 3_600_000);
    assert.equal(parkedUntil({ waited: true, receivedAt }), 'undecryptable');
    assert.equal(parkedUntil({ receivedAt: new Date(now - 3_590_000) }), 10_000);
  });
});

describe('an item whose key has not come', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    await makePortal(store, 1);
  });
  after(() => bed.close());

  it('lets others pass, and goes on in order with those of the same key when that comes', async () => {
    const seen: string[] = [];
    let there = false;
    const worker = testWorker(store, async ({ item: { payload, waited } }) => {
      const n = numberIn(payload);
      if (n !== 2 && !there) throw new WaitForKey(key);
      seen.push(`${n}${waited ? ' waited' : ''}`);
    });
    await store.intake.store([matrixMessage(1, 1), matrixMessage(1, 2), matrixMessage(1, 3)]);
    await worker.idle();
    assert.deepEqual(seen, ['2']);
    assert.equal((await store.depth()).parked, 2);
    assert.equal(await store.keyWaits.wake(['key:!room1:example.org:other']), 0);
    there = true;
    assert.equal(await store.keyWaits.wake([key]), 2);
    await worker.idle();
    assert.deepEqual(seen, ['2', '1', '3']);
    await worker.drain(1000);
  });

  it('is handed out again when it has waited long enough, to be told of', async () => {
    const waited: boolean[] = [];
    const worker = testWorker(store, async (turn) => {
      waited.push(turn.item.waited);
      throw new WaitForKey(key);
    });
    await store.intake.store([matrixMessage(1, 11)]);
    await worker.idle();
    await query(bed.url, `update inbox set not_before = now() where state = 'parked'`);
    while (waited.length < 2) await sleep(20);
    await worker.idle();
    assert.deepEqual(waited, [false, true]);
    assert.equal((await store.depth()).parked, 1);
    await worker.drain(1000);
  });
});
