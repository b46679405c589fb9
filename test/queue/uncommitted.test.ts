import assert from 'node:assert/strict';
import { setImmediate as tick } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { Claimed, Inbox, Lease, Verdict } from '../../src/queue/ports.ts';
import { startWorker } from '../../src/queue/worker.ts';
import { log } from '../store/test-store.ts';
import { noQueueMetrics } from './test-worker.ts';

const each = 40;

/** A database with so many lanes full of items, which commits only when told to. */
function slowInbox(lanes: number) {
  const held: Lease[] = Array.from({ length: lanes }, (_, n) => ({
    lane: `portal:${n}:slack`,
    epoch: 1,
    priority: 0,
  }));
  const stored = held.flatMap(({ lane }, index) =>
    Array.from({ length: each }, (_, n) => claimed(lane, index * each + n)),
  );
  const waiting: (() => void)[] = [];
  const done = new Set<number>();
  const inbox: Inbox<never> = {
    leaseSeconds: 10,
    listen: () => undefined,
    renew: () => Promise.resolve({ held, processes: 1, lanes }),
    claim: () => Promise.resolve([]),
    release: () => Promise.resolve(),
    leave: () => Promise.resolve(),
    sweep: () => Promise.resolve([]),
    remember: () => undefined,
    drop: () => undefined,
    async read(requests) {
      await tick();
      const answers = requests.map(({ lease: { lane }, known, limit }) => {
        const items = stored.filter(
          ({ item }) => item.lane === lane && !done.has(item.seq) && !known.includes(item.seq),
        );
        return [lane, { items: items.slice(0, limit), more: items.length > limit }] as const;
      });
      return new Map(answers);
    },
    commit({ seq }) {
      const { promise, resolve } = Promise.withResolvers<Verdict>();
      waiting.push(() => {
        done.add(seq);
        resolve('committed');
      });
      return promise;
    },
  };
  return {
    inbox,
    commitSome: (count: number) => waiting.splice(0, count).forEach((commit) => commit()),
    done,
  };
}

function claimed(lane: string, seq: number): Claimed {
  const payload = Buffer.alloc(10);
  const srcTs = String(seq).padStart(6, '0');
  const receivedAt = new Date();
  const item = { seq, lane, from: 'slack', srcTs, payload, attempts: 0, receivedAt, waited: false } as const;
  return { item, openAttempts: [] };
}

/** Handles all of it, and counts what was handled before anything was committed. */
async function handleAll(lanes: number) {
  const { inbox, commitSome, done } = slowInbox(lanes);
  const order = new Map<string, number[]>();
  let handled = 0;
  const worker = startWorker<never>({
    inbox,
    async handle({ item }) {
      await tick();
      handled += 1;
      order.set(item.lane, [...(order.get(item.lane) ?? []), item.seq]);
    },
    giveUp: () => Promise.resolve(undefined),
    log,
    metrics: noQueueMetrics,
  });
  const ahead = await atRest(() => handled);
  while (done.size < lanes * each) {
    commitSome(50);
    await tick();
  }
  await worker.drain(1000);
  return { ahead, handled, order };
}

/** A count that nothing is added to any more. */
async function atRest(count: () => number): Promise<number> {
  for (;;) {
    const before = count();
    for (let n = 0; n < 300; n += 1) await tick();
    if (before > 0 && count() === before) return before;
  }
}

describe('what is handled and not committed yet', () => {
  it('is at most a window for each lane, where few are busy', async () => {
    const { ahead, handled } = await handleAll(4);
    assert.equal(ahead, 4 * 32);
    assert.equal(handled, 4 * each);
  });

  it('stays few where many lanes are busy, and all of it is handled once and in order', async () => {
    const { ahead, handled, order } = await handleAll(200);
    assert.ok(ahead >= 500 && ahead <= 700, `${ahead} at once`);
    assert.equal(handled, 200 * each);
    for (const numbers of order.values())
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
      );
  });
});
