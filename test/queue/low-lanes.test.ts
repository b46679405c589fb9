import assert from 'node:assert/strict';
import { setImmediate as tick } from 'node:timers/promises';
import { test } from 'node:test';
import type { Claimed, Inbox, Lease } from '../../src/queue/ports.ts';
import { startWorker } from '../../src/queue/worker.ts';
import { priorityOf } from '../../src/store/turn.ts';
import { log } from '../store/test-store.ts';
import { noQueueMetrics } from './test-worker.ts';

const messages = 40;
/** How many people's comings one portal's lane tells. */
const eachLane = 250;

/** An inbox with messages in one lane, and with so many people's comings in others; it commits at once. */
function fullInbox(people: number): Inbox<never> {
  const lanes = Array.from({ length: people / eachLane }, (_, n) => `portal:${n}:members`);
  const held = ['portal:0:slack', ...lanes].map((lane): Lease => ({
    lane,
    epoch: 1,
    priority: priorityOf(lane),
  }));
  const done = new Set<number>();
  const stored = Map.groupBy(
    held.flatMap(({ lane, priority }, index) =>
      Array.from({ length: priority === 0 ? messages : eachLane }, (_, n) => claimed(lane, index * 1000 + n)),
    ),
    ({ item }) => item.lane,
  );
  return {
    leaseSeconds: 10,
    listen: () => undefined,
    renew: () => Promise.resolve({ held, processes: 1, lanes: held.length }),
    claim: () => Promise.resolve([]),
    release: () => Promise.resolve(),
    leave: () => Promise.resolve(),
    sweep: () => Promise.resolve([]),
    remember: () => undefined,
    drop: () => undefined,
    async read(requests) {
      await tick();
      const answers = requests.map(({ lease: { lane }, known, limit }) => {
        const items = (stored.get(lane) ?? []).filter(
          ({ item }) => !done.has(item.seq) && !known.includes(item.seq),
        );
        return [lane, { items: items.slice(0, limit), more: items.length > limit }] as const;
      });
      return new Map(answers);
    },
    commit({ seq }) {
      done.add(seq);
      return Promise.resolve('committed');
    },
  };
}

function claimed(lane: string, seq: number): Claimed {
  const [payload, receivedAt] = [Buffer.alloc(10), new Date()];
  const srcTs = String(seq).padStart(6, '0');
  const item = { seq, lane, from: 'slack', srcTs, payload, attempts: 0, receivedAt, waited: false } as const;
  return { item, openAttempts: [] };
}

/** In how many steps all messages are handled, each in two, and what was done of the others by then. */
async function stepsForMessages(people: number) {
  const seen = { steps: 0, messages: 0, people: 0, atOnce: 0, most: 0 };
  const counting = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) await tick();
  };
  const worker = startWorker<never>({
    inbox: fullInbox(people),
    async handle({ item }) {
      if (item.lane.endsWith(':slack')) {
        await counting(2);
        seen.messages += 1;
        return;
      }
      seen.atOnce += 1;
      seen.most = Math.max(seen.most, seen.atOnce);
      await counting(5);
      seen.atOnce -= 1;
      seen.people += 1;
    },
    giveUp: () => Promise.resolve(undefined),
    log,
    metrics: noQueueMetrics,
  });
  while (seen.messages < messages) {
    await tick();
    seen.steps += 1;
  }
  const atEnd = { ...seen };
  await worker.drain(1000);
  return atEnd;
}

test('five thousand people who come into channels hold up no message', async () => {
  const alone = await stepsForMessages(0);
  const among = await stepsForMessages(5000);
  assert.ok(among.steps <= alone.steps + 10, `${among.steps} steps in place of ${alone.steps}`);
  assert.ok(among.people > 0 && among.people < 1000, `${among.people} people were handled meanwhile`);
  assert.equal(among.most, 8);
});
