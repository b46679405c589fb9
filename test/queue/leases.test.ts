import assert from 'node:assert/strict';
import { setImmediate as tick, setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { LeaseLost } from '../../src/errors.ts';
import { portalId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from '../store/query.ts';
import { linkOf, makePortal, matrixMessage, slackMessage, storeBed, tsOf } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

describe('lanes of two processes', () => {
  let bed: StoreBed;
  let first: Store;
  let second: Store;
  before(async () => {
    bed = await storeBed();
    first = await bed.open();
    second = await bed.open();
    for (let n = 1; n <= 40; n += 1) await makePortal(first, n);
    await second.portals.refresh();
  });
  after(() => bed.close());

  const nobodyIsAlive = () => query(bed.url, `update process set lease_until = now() - interval '1 s'`);

  it('have one owner at a time, whoever stores their items', async () => {
    const inLane = new Map<string, number>();
    const order = new Map<string, number[]>();
    const [one, two] = [first, second].map((store) =>
      testWorker(store, async ({ item }) => {
        assert.equal(inLane.get(item.lane) ?? 0, 0, 'two at once in a lane');
        inLane.set(item.lane, 1);
        await sleep(1);
        inLane.set(item.lane, 0);
        order.set(item.lane, [...(order.get(item.lane) ?? []), numberIn(item.payload)]);
      }),
    );
    for (let n = 1; n <= 20; n += 1) {
      const deliveries = Array.from({ length: 40 }, (_, index) => slackMessage(index + 1, n));
      await Promise.all(
        [first, second].map((store, turn) =>
          store.intake.store(deliveries.filter((_, index) => (index + n) % 2 === turn)),
        ),
      );
    }
    const done = async () => (await first.depth()).toMatrix.items === 0;
    while (!(await done())) await sleep(20);
    await Promise.all([one?.idle(), two?.idle()]);
    assert.equal(order.size, 40);
    for (const numbers of order.values()) assert.equal(new Set(numbers).size, 20);
    await Promise.all([one?.drain(1000), two?.drain(1000)]);
    assert.deepEqual(await query(bed.url, 'select * from process'), []);
  });

  it('are taken over when the lease has run out, and then the old owner changes nothing', async () => {
    const begun = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    const lost: unknown[] = [];
    const stopped = testWorker(first, async (turn) => {
      begun.resolve(undefined);
      await goOn.promise;
      turn.remember({ type: 'link', link: linkOf(portalId(1), 900) });
      try {
        await turn.begin({ piece: 0, opKey: 'stale', planHash: '', deadline: Date.now() });
        lost.push('nothing');
      } catch (error) {
        lost.push(error);
        throw error;
      }
    });
    await first.intake.store([matrixMessage(1, 900)]);
    await begun.promise;
    await nobodyIsAlive();
    const seen: number[] = [];
    const taking = testWorker(second, async ({ item }) => void seen.push(numberIn(item.payload)));
    while (seen.length === 0) await sleep(10);
    goOn.resolve(undefined);
    while (lost.length === 0) await sleep(10);
    await stopped.drain(1000);
    assert.ok(lost[0] instanceof LeaseLost);
    assert.deepEqual(seen, [900]);
    assert.deepEqual(await query(bed.url, `select * from attempt where op_key = 'stale'`), []);
    assert.deepEqual(await first.links.byTs(portalId(1), tsOf(900)), []);
    await taking.drain(1000);
  });

  it('are taken over at once from a process that is gone', async () => {
    const gone = await bed.open();
    await gone.inbox.renew();
    await gone.intake.store([matrixMessage(3, 1)]);
    const [lease] = await gone.inbox.claim(1);
    assert.ok(lease);
    const counted = async () => (await second.inbox.renew()).lanes;
    assert.equal(await counted(), 1);
    assert.deepEqual(await second.inbox.claim(1), []);
    await gone.close();
    assert.equal(await counted(), 0, 'nobody has it');
    const [taken] = await second.inbox.claim(1);
    assert.equal(taken?.lane, lease.lane);
    assert.ok(taken.epoch > lease.epoch);
    await second.inbox.commit({ lease: taken, seq: 0, changes: [] }, true);
    await second.inbox.leave();
    await query(bed.url, `update inbox set state = 'done'`);
  });

  it('with a post that may be under way are not taken over before its time is up', async () => {
    const gone = await bed.open();
    await gone.inbox.renew();
    await gone.intake.store([matrixMessage(4, 1)]);
    const [lease] = await gone.inbox.claim(1);
    assert.ok(lease);
    const [waiting] = (await gone.inbox.read([{ lease, known: [], limit: 1 }])).get(lease.lane)?.items ?? [];
    assert.ok(waiting);
    const attempt = { piece: 0, opKey: 'open', planHash: 'plan', deadline: Date.now() + 500 };
    await gone.inbox.commit({ lease, seq: waiting.item.seq, changes: [], attempt }, true);
    await gone.close();
    await second.inbox.renew();
    assert.deepEqual(await second.inbox.claim(1), []);
    await sleep(550);
    const [taken] = await second.inbox.claim(1);
    assert.ok(taken);
    const [again] =
      (await second.inbox.read([{ lease: taken, known: [], limit: 1 }])).get(taken.lane)?.items ?? [];
    assert.deepEqual(again?.openAttempts, [attempt]);
    await second.inbox.leave();
  });
});

describe('lanes with work, few of them', () => {
  let bed: StoreBed;
  before(async () => {
    bed = await storeBed();
  });
  after(() => bed.close());

  it('stay with the process that has them, and are spread over both', async () => {
    const [first, second] = [await bed.open(), await bed.open()];
    const portals = 12;
    for (let n = 1; n <= portals; n += 1) await makePortal(first, n);
    await second.portals.refresh();
    let leased = 0;
    const log = {
      ...silentLogger,
      debug: (message: string) => void (leased += Number(message === 'lane leased')),
    };
    const workers = [first, second].map((store) => testWorker(store, () => sleep(5), { log }));
    const end = Date.now() + 8_000;
    for (let n = 1; Date.now() < end; n += 1) {
      const deliveries = Array.from({ length: portals }, (_, index) => slackMessage(index + 1, n));
      await (n % 2 === 0 ? first : second).intake.store(deliveries);
      await sleep(20);
    }
    const uneven = await query(
      bed.url,
      `select owner, count(*) as lanes from lane where lane like 'portal:%' group by owner having count(*) not between 4 and 8`,
    );
    for (const worker of workers) await worker.drain(1000);
    assert.deepEqual(uneven, []);
    assert.ok(leased < portals * 3, `lanes were leased ${leased} times`);
  });
});

describe('a worker', () => {
  let bed: StoreBed;
  before(async () => {
    bed = await storeBed();
  });
  after(() => bed.close());

  it('writes nothing while it does not know whether its lanes are still its own', async () => {
    const store = await bed.open();
    await makePortal(store, 1);
    const said: string[] = [];
    let killed: Promise<unknown> | undefined;
    const worker = testWorker(store, async (turn) => {
      if (said.length === 0) {
        killed = query(
          bed.url,
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%writer%' and datname = current_database()`,
        );
        while (store.health().ok) await tick(); // each turn of the event loop: it is back within a few
      }
      try {
        turn.mayWrite();
        said.push('wrote');
      } catch (error) {
        said.push(error instanceof LeaseLost ? 'lease lost' : String(error));
        throw error;
      }
    });
    await store.intake.store([slackMessage(1, 1)]);
    while (said.length < 2 && said[0] !== 'wrote') await sleep(5);
    assert.deepEqual(said, ['lease lost', 'wrote']);
    await killed;
    await worker.idle();
    await worker.drain(1000);
  });

  it('that stops ends what it does, commits, gives its lanes back and starts nothing more', async () => {
    const store = await bed.open();
    await makePortal(store, 2);
    const seen: number[] = [];
    const started = Promise.withResolvers<undefined>();
    const worker = testWorker(store, async ({ item }) => {
      started.resolve(undefined);
      await sleep(100);
      seen.push(numberIn(item.payload));
    });
    await store.intake.store([1, 2, 3].map((n) => slackMessage(2, n)));
    await started.promise;
    await worker.drain(5000);
    assert.deepEqual(seen, [1]);
    assert.deepEqual(
      await query(bed.url, `select state from inbox where lane = 'portal:2:slack' order by seq`),
      [{ state: 'done' }, { state: 'ready' }, { state: 'ready' }],
    );
    assert.deepEqual(await query(bed.url, 'select * from lane where owner is not null'), []);
  });

  it('that stops does not wait for ever, and what is still under way may not write', async () => {
    const store = await bed.open();
    await makePortal(store, 3);
    const goOn = Promise.withResolvers<undefined>();
    const result = Promise.withResolvers<unknown>();
    const started = Promise.withResolvers<undefined>();
    const worker = testWorker(store, async (turn) => {
      started.resolve(undefined);
      await goOn.promise;
      try {
        turn.mayWrite();
        result.resolve('wrote');
      } catch (error) {
        result.resolve(error);
      }
    });
    await query(bed.url, `update inbox set state = 'done'`);
    await store.intake.store([slackMessage(3, 1)]);
    await started.promise;
    await worker.drain(50);
    goOn.resolve(undefined);
    assert.ok((await result.promise) instanceof LeaseLost);
    await sleep(50);
    assert.deepEqual(await query(bed.url, `select state from inbox where lane = 'portal:3:slack'`), [
      { state: 'ready' },
    ]);
  });
});
