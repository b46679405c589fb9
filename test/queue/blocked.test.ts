import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TryLater } from '../../src/errors.ts';
import type { Inbox } from '../../src/queue/ports.ts';
import type { Change } from '../../src/portal/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { makePortal, slackMessage, storeBed } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

const channels = 20;
const backlog = 60;

describe('lanes whose target is away', () => {
  let bed: StoreBed;
  before(async () => {
    bed = await storeBed();
  });
  after(() => bed.close());

  it('do not read their backlog again and again while more comes, and go on in order when it is back', async () => {
    const store = await bed.open();
    for (let n = 1; n <= channels; n += 1) await makePortal(store, n);
    let read = 0;
    const inbox: Inbox<Change> = {
      ...store.inbox,
      async read(requests) {
        const answers = await store.inbox.read(requests);
        for (const { items } of answers.values()) read += items.length;
        return answers;
      },
    };
    let away = true;
    const order = new Map<string, number[]>();
    const worker = testWorker({ ...store, inbox }, async ({ item }) => {
      if (away) throw new TryLater('away', { target: 'matrix', after: 2500 });
      order.set(item.lane, [...(order.get(item.lane) ?? []), numberIn(item.payload)]);
    });
    const all = Array.from({ length: channels }, (_, index) => index + 1);
    for (let n = 1; n <= backlog; n += 1)
      await Promise.all(all.map((channel) => store.intake.store([slackMessage(channel, n)])));
    const readWhileAway = read;
    away = false;
    while ((await store.depth()).toMatrix.items > 0) await worker.idle();
    for (const numbers of order.values())
      assert.deepEqual(
        numbers,
        Array.from({ length: backlog }, (_, n) => n + 1),
      );
    assert.equal(order.size, channels);
    assert.ok(
      readWhileAway <= channels * 4,
      `${readWhileAway} items were read for ${channels * backlog} that came`,
    );
    await worker.drain(1000);
  });

  it('try again at once when it may be back', async () => {
    const target = 'room:!away:localhost'; // without that some minutes would go by
    const store = await bed.open();
    const tries: string[] = [];
    const worker = testWorker(store, async ({ item }) => {
      tries.push(item.lane);
      if (tries.length <= 15) throw new TryLater('away', { target });
    });
    await store.intake.store([slackMessage(4, 1001), slackMessage(5, 1002)]);
    const deadline = Date.now() + 20_000;
    while (tries.length < 17 && Date.now() < deadline) {
      worker.tryNow(target);
      await sleep(5);
    }
    assert.equal(tries.length, 17);
    while ((await store.depth()).toMatrix.items > 0) await worker.idle();
    await worker.drain(1000);
  });

  it('go on at once when it is there again for sure, whatever time was named', async () => {
    const target = 'portal:7';
    const store = await bed.open();
    let paused = true;
    const done: number[] = [];
    const worker = testWorker(store, async ({ item }) => {
      if (paused) throw new TryLater('paused', { target, after: 3_600_000 });
      done.push(numberIn(item.payload));
    });
    await store.intake.store([slackMessage(6, 2001), slackMessage(6, 2002), slackMessage(7, 2003)]);
    while (!(await waitsFor(store, 2))) await sleep(5);
    paused = false;
    worker.available(target);
    const deadline = Date.now() + 20_000;
    while (done.length < 3 && Date.now() < deadline) await sleep(5);
    assert.deepEqual(
      done.toSorted((a, b) => a - b),
      [2001, 2002, 2003],
    );
    assert.ok(done.indexOf(2001) < done.indexOf(2002));
    await worker.drain(1000);
  });

  it('are named when their oldest item has waited for long, with what is known to be away', async () => {
    const store = await bed.open();
    const [limited, slow] = await Promise.all([makePortal(store, 31), makePortal(store, 32)]);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let away = true;
    const worker = testWorker(store, async ({ item }) => {
      if (item.lane === `portal:${slow.id}:slack`) return held;
      if (away) throw new TryLater('limited', { target: 'room:!r:hs', after: 3_600_000 });
      return undefined;
    });
    await store.intake.store([slackMessage(31, 3001), slackMessage(32, 3002)]);
    while (worker.waiting(200).length < 2) await sleep(5);
    assert.deepEqual(
      worker.waiting(200).toSorted((a, b) => a.lane.localeCompare(b.lane)),
      [{ lane: `portal:${limited.id}:slack`, needs: 'room:!r:hs' }, { lane: `portal:${slow.id}:slack` }],
    );
    assert.deepEqual(worker.waiting(3_600_000), []);
    away = false;
    release();
    worker.available('room:!r:hs');
    await worker.idle();
    assert.deepEqual(worker.waiting(0), []);
    await worker.drain(1000);
  });
});

/** So many lanes wait for a time that was named. */
async function waitsFor(store: Store, lanes: number): Promise<boolean> {
  const leases = (await store.inbox.renew()).held.map((lease) => ({ lease, known: [], limit: 1 }));
  const heads = [...(await store.inbox.read(leases)).values()].flatMap(({ items }) => items);
  return heads.filter(({ notBefore = 0 }) => notBefore > Date.now() + 60_000).length === lanes;
}
