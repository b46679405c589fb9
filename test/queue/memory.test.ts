import assert from 'node:assert/strict';
import { setImmediate as tick } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { createLane } from '../../src/queue/lane.ts';
import type { Lane } from '../../src/queue/lane.ts';
import { Memory } from '../../src/queue/memory.ts';
import type { Claimed, ReadAnswer, ReadRequest } from '../../src/queue/ports.ts';
import { log } from '../store/test-store.ts';

const limits = { items: 40, reserve: 10, bytes: 1_000_000, ofLane: 20 };

function claimed(lane: string, seq: number, srcTs: string, bytes = 10): Claimed {
  const item = {
    seq,
    lane,
    from: 'slack',
    srcTs,
    payload: Buffer.alloc(bytes),
    attempts: 0,
    receivedAt: new Date(),
    waited: false,
  } as const;
  return { item, openAttempts: [] };
}

/** Stored items of all lanes, and a memory that reads them. */
function setUp(change: Partial<typeof limits> = {}) {
  const stored = new Map<string, Claimed[]>();
  let most = 0;
  const memory = new Memory({
    metrics: { inMemory: () => undefined },
    inbox: {
      async read(requests: readonly ReadRequest[]): Promise<ReadonlyMap<string, ReadAnswer>> {
        await tick();
        const answers = requests.map(({ lease, known, limit }) => {
          const all = (stored.get(lease.lane) ?? [])
            .filter(({ item }) => !known.includes(item.seq))
            .toSorted((a, b) => (a.item.srcTs < b.item.srcTs ? -1 : 1));
          return [lease.lane, { items: all.slice(0, limit), more: all.length > limit }] as const;
        });
        return new Map(answers);
      },
    },
    log,
    filled: () => undefined,
    limits: { ...limits, ...change },
  });

  function store(lane: Lane, item: Claimed): void {
    const name = lane.lease.lane;
    stored.set(name, [...(stored.get(name) ?? []), item]);
    memory.offer(lane, item);
    most = Math.max(most, memory.size);
  }

  async function settled(): Promise<void> {
    for (let n = 0; n < 20; n += 1) await tick();
    most = Math.max(most, memory.size);
  }

  /** Handles the next item to the end. */
  function handle(lane: Lane): string | undefined {
    const head = lane.waiting.shift();
    if (!head) return undefined;
    memory.free(head);
    stored.set(
      lane.lease.lane,
      (stored.get(lane.lease.lane) ?? []).filter((item) => item !== head),
    );
    memory.forget(lane, head.item.seq);
    memory.top(lane);
    return head.item.srcTs;
  }

  /** Older items that come into the database beside this memory: woken ones, another process's. */
  function appear(lane: Lane, items: readonly Claimed[]): void {
    stored.set(lane.lease.lane, [...(stored.get(lane.lease.lane) ?? []), ...items]);
    memory.missing(lane);
  }

  function lease(name: string): Lane {
    const lane = createLane({ lane: name, epoch: 1, priority: 0 });
    memory.missing(lane);
    return lane;
  }

  return { memory, store, settled, handle, lease, appear, most: () => most };
}

describe('the items in memory', () => {
  it('are never more than the limit, and all are handled in order', async () => {
    const { memory, store, settled, handle, lease, most } = setUp();
    const lanes = ['a', 'b', 'c'].map(lease);
    await settled();
    for (let n = 0; n < 300; n += 1)
      for (const [index, lane] of lanes.entries())
        store(lane, claimed(lane.lease.lane, n * 3 + index, String(n).padStart(4, '0')));
    await settled();
    const handled = new Map(lanes.map((lane) => [lane, [] as string[]]));
    while (memory.size > 0) {
      for (const lane of lanes) {
        const ts = handle(lane);
        if (ts !== undefined) handled.get(lane)?.push(ts);
      }
      await settled();
    }
    for (const order of handled.values())
      assert.deepEqual(
        order,
        Array.from({ length: 300 }, (_, n) => String(n).padStart(4, '0')),
      );
    assert.ok(most() <= limits.items, `${most()} items`);
  });

  it('include what is older than the youngest of a spilled lane, so that nothing passes it', async () => {
    const { store, settled, handle, lease } = setUp();
    const lane = lease('a');
    await settled();
    for (let n = 0; n < 60; n += 1) store(lane, claimed('a', n, `2${String(n).padStart(3, '0')}`));
    await settled();
    assert.equal(lane.spilled, true);
    store(lane, claimed('a', 100, '1000'));
    assert.equal(handle(lane), '1000');
    assert.equal(handle(lane), '2000');
  });

  it('are not passed by younger ones in memory when there is no room to read all of them', async () => {
    const { store, settled, handle, lease, appear } = setUp({ items: 12, reserve: 2 });
    const [lane, other] = [lease('a'), lease('b')];
    await settled();
    for (let n = 0; n < 3; n += 1) store(lane, claimed('a', 50 + n, `05${n}`));
    for (let n = 0; n < 6; n += 1) store(other, claimed('b', 70 + n, `07${n}`));
    await settled();
    appear(
      lane,
      [1, 2, 3, 4].map((n) => claimed('a', n, `00${n}`)),
    );
    await settled();
    const handled: (string | undefined)[] = [];
    for (let n = 0; n < 7; n += 1) {
      handled.push(handle(lane), handle(lane)); // the second one before anything could be read
      await settled();
    }
    const order = handled.filter((ts) => ts !== undefined);
    assert.deepEqual(order, ['001', '002', '003', '004', '050', '051', '052']);
  });

  it('stay behind one that was tried already, whose effect may be there, also when they are older', async () => {
    const { memory, store, settled, handle, lease } = setUp();
    const lane = lease('a');
    await settled();
    store(lane, claimed('a', 1, '0050'));
    store(lane, claimed('a', 2, '0060'));
    const [tried] = lane.waiting.splice(0, 1);
    assert.ok(tried);
    memory.putBack(lane, tried);
    store(lane, claimed('a', 3, '0040'));
    assert.deepEqual([handle(lane), handle(lane), handle(lane)], ['0050', '0040', '0060']);
  });

  it('leave room for a lane that has none, however much waits in others', async () => {
    const { store, settled, lease, handle } = setUp();
    const blocked = ['a', 'b', 'c'].map(lease);
    await settled();
    for (const lane of blocked)
      for (let n = 0; n < 50; n += 1) store(lane, claimed(lane.lease.lane, n, String(n).padStart(3, '0')));
    await settled();
    const free = lease('d');
    await settled();
    store(free, claimed('d', 1, '001'));
    store(free, claimed('d', 2, '002'));
    assert.equal(handle(free), '001');
    await settled();
    assert.equal(handle(free), '002');
  });

  it('are few where they are large', async () => {
    const { memory, store, settled, lease, handle } = setUp({ bytes: 1000 });
    const lane = lease('a');
    await settled();
    for (let n = 0; n < 10; n += 1) store(lane, claimed('a', n, String(n), 400));
    assert.ok(memory.size <= 3, `${memory.size} items`);
    const handled: (string | undefined)[] = [];
    for (let n = 0; n < 10; n += 1) {
      handled.push(handle(lane));
      await settled();
    }
    assert.deepEqual(handled, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });
});

describe('items that went back to the database while their lane waited', () => {
  it('are read again, in order', async () => {
    const { memory, store, settled, lease, handle } = setUp();
    const lane = lease('a');
    await settled();
    for (let n = 0; n < 10; n += 1) store(lane, claimed('a', n, String(n)));
    memory.trim(lane, 1);
    assert.equal(memory.size, 1);
    memory.top(lane);
    await settled();
    assert.deepEqual(
      Array.from({ length: 10 }, () => handle(lane)),
      ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    );
    assert.equal(memory.size, 0);
  });

  it('are not passed by what was just being read', async () => {
    const { memory, store, appear, settled, lease } = setUp();
    const lane = lease('a');
    await settled();
    for (let n = 1; n <= 3; n += 1) store(lane, claimed('a', n, String(n)));
    appear(lane, [claimed('a', 4, '4')]);
    await tick(); // now it is being read
    lane.blocked = true;
    memory.trim(lane, 1);
    await settled();
    const waiting = () => lane.waiting.map(({ item }) => item.srcTs);
    assert.deepEqual(waiting(), ['1']);
    lane.blocked = false;
    memory.top(lane);
    await settled();
    assert.deepEqual(waiting(), ['1', '2', '3', '4']);
  });
});
