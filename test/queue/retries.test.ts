import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { portalId } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from '../store/query.ts';
import { linkOf, makePortal, matrixMessage, slackMessage, storeBed, tsOf } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

describe('a try that fails', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    for (const n of [1, 2, 3, 4, 5]) await makePortal(store, n);
  });
  after(() => bed.close());

  /** Until nothing waits for its time either. */
  async function finished(): Promise<void> {
    for (;;) {
      const { toMatrix, toSlack } = await store.depth();
      if (toMatrix.items + toSlack.items === 0) return;
      await sleep(10);
    }
  }

  it('for a limit is repeated no sooner than the other side said, in order, and no other lane waits', async () => {
    const at: [number, number][] = [];
    let limited = true;
    const start = performance.now();
    const worker = testWorker(store, async ({ item }) => {
      at.push([numberIn(item.payload), performance.now() - start]);
      if (numberIn(item.payload) === 1 && limited) {
        limited = false;
        throw new TryLater('slow down', { after: 700 });
      }
    });
    await store.intake.store([matrixMessage(1, 1), matrixMessage(1, 2), matrixMessage(2, 3)]);
    await finished();
    const times = new Map(at);
    assert.deepEqual(
      at.map(([n]) => n).filter((n) => n < 3),
      [1, 1, 2],
    );
    assert.ok((times.get(1) ?? 0) >= 700, `again after ${times.get(1)} ms`);
    assert.ok((times.get(3) ?? Infinity) < 600);
    await worker.drain(1000);
  });

  it('for good is told to its sender, however long the sender can not be told', async () => {
    const told: number[] = [];
    let tries = 0;
    let away = 3;
    const worker = testWorker(
      store,
      async ({ item }) => {
        tries += 1;
        if (numberIn(item.payload) === 30) throw new CannotBridge('too_long', 'It is too long.');
      },
      {
        giveUp: async ({ payload }) => {
          away -= 1;
          if (away >= 0) throw new TryLater('away', { target: 'matrix', after: 20 });
          told.push(numberIn(payload));
        },
      },
    );
    await store.intake.store([matrixMessage(3, 30), matrixMessage(3, 31)]);
    await finished();
    await worker.idle();
    assert.deepEqual(told, [30]);
    assert.equal(tries, 5);
    assert.deepEqual(
      (await store.deadLetters.list()).map(({ reason }) => reason),
      ['too_long'],
    );
    await query(bed.url, 'delete from dead_letter');
    await worker.drain(1000);
  });

  it('because everything is down is repeated without an end, and not counted', async () => {
    let tries = 0;
    const worker = testWorker(store, async ({ item }) => {
      tries += 1;
      assert.equal(item.attempts, 0);
      if (tries <= 12) throw new TryLater('down', { target: 'matrix', after: 1 });
    });
    await store.intake.store([slackMessage(1, 1)]);
    await finished();
    assert.equal(tries, 13);
    assert.deepEqual(await store.deadLetters.list(), []);
    await worker.drain(1000);
  });

  it('because everything is down keeps the lanes waiting while one looks whether it is back', async () => {
    let down = true;
    let calls = 0;
    const worker = testWorker(store, async () => {
      calls += 1;
      await sleep(5);
      if (down) throw new TryLater('down', { target: 'matrix' });
    });
    const channels = [1, 2, 3, 4, 5];
    await store.intake.store(
      channels.flatMap((channel) => [10, 11, 12].map((n) => slackMessage(channel, n))),
    );
    await sleep(2500);
    const whileDown = calls;
    assert.ok(whileDown <= channels.length + 6, `${whileDown} calls`);
    down = false;
    await finished();
    assert.equal(calls - whileDown, 15);
    await worker.drain(1000);
  });
});

describe('an item that fails', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    for (const n of [1, 2, 3, 4, 5]) await makePortal(store, n);
  });
  after(() => bed.close());

  /** Until nothing waits for its time either. */
  async function finished(): Promise<void> {
    for (;;) {
      const { toMatrix, toSlack } = await store.depth();
      if (toMatrix.items + toSlack.items === 0) return;
      await sleep(10);
    }
  }

  it('of itself is counted, and given up after eight', async () => {
    const attempts: number[] = [];
    const given: string[] = [];
    const failing = testWorker(
      store,
      async ({ item }) => {
        attempts.push(item.attempts);
        throw new TryLater('it did not work');
      },
      { giveUp: async (_item, reason) => void given.push(reason.code, reason.message) },
    );
    await store.intake.store([slackMessage(2, 1)]);
    while (attempts.length < 3) await sleep(10);
    await failing.drain(1000);
    const [stored] = await query(bed.url, `select attempts from inbox where state = 'ready'`);
    assert.deepEqual(stored, { attempts: attempts.length });
    await query(bed.url, `update inbox set attempts = 7, not_before = null where state = 'ready'`);
    const last = testWorker(store, async () => Promise.reject(new TryLater('it did not work')), {
      giveUp: async (_item, reason) => void given.push(reason.code, reason.message),
    });
    await finished();
    assert.deepEqual(given, ['attempts', 'It failed 8 times; the last time: it did not work.']);
    assert.equal((await store.deadLetters.list())[0]?.reason, 'attempts');
    await last.drain(1000);
  });

  it('for good is given up at once, with what it did before it failed, and the lane goes on', async () => {
    const given: string[] = [];
    const seen: number[] = [];
    const worker = testWorker(
      store,
      async (turn) => {
        const n = numberIn(turn.item.payload);
        seen.push(n);
        if (n === 1) turn.remember({ type: 'link', link: linkOf(portalId(3), 1) });
        if (n === 1) throw new CannotBridge('archived', 'The channel is archived.');
        if (n === 2) throw new RangeError('what somebody wrote');
      },
      { giveUp: async ({ seq }, { code }) => void given.push(`${code} ${seq > 0}`) },
    );
    await store.intake.store([1, 2, 3].map((n) => slackMessage(3, n)));
    await worker.idle();
    assert.deepEqual(seen, [1, 2, 3]);
    assert.deepEqual(given, ['archived true', 'bug true']);
    const [bug, refused] = await store.deadLetters.list();
    assert.equal(refused?.reason, 'archived');
    assert.equal(bug?.reason, 'bug');
    assert.match(bug.error, /^RangeError at /);
    assert.doesNotMatch(bug.error, /what somebody wrote/);
    assert.equal((await store.links.byTs(portalId(3), tsOf(1)))[0]?.event, '$copy3.1');
    assert.deepEqual(await store.deadLetters.retry([bug.seq]), [bug.seq]);
    await worker.idle();
    assert.deepEqual(seen, [1, 2, 3, 2]);
    await worker.drain(1000);
  });

  it('after a post was begun comes back with the attempt, unless an echo settled it', async () => {
    const attempts: string[][] = [];
    const worker = testWorker(store, async (turn) => {
      attempts.push(turn.openAttempts.map(({ opKey, piece }) => `${opKey} ${piece}`));
      const { seq } = turn.item;
      if (attempts.length === 1) {
        for (const piece of [0, 1])
          await turn.begin({ piece, opKey: `key ${piece}`, planHash: 'plan', deadline: Date.now() });
        throw new TryLater('no answer', { after: 20 });
      }
      if (attempts.length === 2) {
        turn.remember({ type: 'attempt-settled', seq, piece: 0, applied: true });
        throw new TryLater('no answer', { after: 20 });
      }
    });
    await store.intake.store([matrixMessage(4, 1)]);
    await finished();
    assert.deepEqual(attempts, [[], ['key 0 0', 'key 1 1'], ['key 1 1']]);
    assert.deepEqual(await query(bed.url, `select state from attempt`), [
      { state: 'applied' },
      { state: 'applied' },
    ]);
    await worker.drain(1000);
  });
});
