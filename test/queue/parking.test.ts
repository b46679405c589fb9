import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { WaitForParent } from '../../src/errors.ts';
import { eventId, portalId } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from '../store/query.ts';
import { linkOf, makePortal, matrixMessage, slackMessage, storeBed, tsOf } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

const portal = portalId(1);

describe('an item whose parent is not mapped yet', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    await makePortal(store, 1);
  });
  after(() => bed.close());

  it('waits without holding up its lane, and goes on when the parent is linked', async () => {
    const seen: string[] = [];
    const worker = testWorker(store, async (turn) => {
      const n = numberIn(turn.item.payload);
      const name = `${turn.item.from} ${n}`;
      if (n === 1 && (await store.links.byTs(portal, tsOf(2))).length === 0) {
        seen.push(`${name} waits`);
        throw new WaitForParent(`ts:${portal}:${tsOf(2)}`);
      }
      if (turn.item.from === 'matrix' && (await store.links.byEvent(eventId('$copy1.2'))).length === 0) {
        seen.push(`${name} waits`);
        throw new WaitForParent('event:$copy1.2');
      }
      if (n === 2) {
        await sleep(100);
        turn.remember({ type: 'link', link: linkOf(portal, 2) });
      }
      seen.push(name);
    });
    await store.intake.store([matrixMessage(1, 7, { about: ['$copy1.2'] })]);
    await store.intake.store([slackMessage(1, 1), slackMessage(1, 2), slackMessage(1, 3)]);
    await worker.idle();
    assert.deepEqual(seen.toSorted(), [
      'matrix 7',
      'matrix 7 waits',
      'slack 1',
      'slack 1 waits',
      'slack 2',
      'slack 3',
    ]);
    assert.ok(seen.indexOf('slack 1') > seen.indexOf('slack 2'));
    assert.equal((await store.depth()).parked, 0);
    await worker.drain(1000);
  });

  it('is not parked when the parent was linked just before', async () => {
    let tries = 0;
    const worker = testWorker(store, async ({ item }) => {
      if (numberIn(item.payload) !== 11) return;
      tries += 1;
      if (tries === 1) throw new WaitForParent(`ts:${portal}:${tsOf(2)}`);
    });
    await store.intake.store([slackMessage(1, 11)]);
    await worker.idle();
    assert.equal(tries, 2);
    await worker.drain(1000);
  });

  it('goes on when another process links the parent', async () => {
    const other = await bed.open();
    await other.inbox.renew();
    let tries = 0;
    const worker = testWorker(store, async () => {
      tries += 1;
      if ((await store.links.byTs(portal, tsOf(20))).length === 0)
        throw new WaitForParent(`ts:${portal}:${tsOf(20)}`);
    });
    await store.intake.store([slackMessage(1, 21, { about: [tsOf(20)] })]);
    await worker.idle();
    assert.equal((await store.depth()).parked, 1);
    await other.intake.store([matrixMessage(5, 1)]);
    const [lease] = await other.inbox.claim(1);
    assert.ok(lease);
    const [waiting] = (await other.inbox.read([{ lease, known: [], limit: 1 }])).get(lease.lane)?.items ?? [];
    assert.ok(waiting);
    const changes = [{ type: 'link', link: linkOf(portal, 20) }] as const;
    await other.inbox.commit({ lease, seq: waiting.item.seq, changes, ending: { type: 'done' } }, true);
    while ((await store.depth()).parked > 0) await sleep(20);
    await worker.idle();
    assert.equal(tries, 2);
    await other.inbox.leave();
    await worker.drain(1000);
  });

  it('is handed out with a word when it has waited long enough, and given up if that does not help', async () => {
    const seen: boolean[] = [];
    const given: string[] = [];
    const handle = ({ item }: { item: { waited: boolean } }): Promise<void> => {
      seen.push(item.waited);
      return Promise.reject(new WaitForParent(`ts:${portal}:${tsOf(40)}`));
    };
    const worker = testWorker(store, handle, { giveUp: async (_item, { code }) => void given.push(code) });
    await store.intake.store([slackMessage(1, 41)]);
    await worker.idle();
    await query(bed.url, `update inbox set not_before = now() where state = 'parked'`);
    await worker.idle();
    await worker.idle();
    assert.deepEqual(seen, [false, true]);
    assert.deepEqual(given, ['no-parent']);
    await worker.drain(1000);
  });
});
