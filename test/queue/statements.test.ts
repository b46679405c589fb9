import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { eventId, portalId } from '../../src/ids.ts';
import type { Change } from '../../src/portal/ports.ts';
import type { Turn } from '../../src/queue/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { linkOf, makePortal, matrixMessage, slackMessage, storeBed } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { numberIn, testWorker } from './test-worker.ts';

const channels = 20;
const messages = 50;

/** What a portal does with a message from Slack: looks whether it is linked, sends, links. */
async function toMatrix(store: Store, turn: Turn<Change>): Promise<void> {
  const portal = portalId(Number(turn.item.lane.split(':')[1]));
  const link = linkOf(portal, numberIn(turn.item.payload));
  assert.deepEqual(await store.links.byTs(portal, link.ts), []);
  assert.equal(await store.links.hasGrave(portal, link.ts), false);
  await sleep(1);
  turn.mayWrite();
  turn.remember({ type: 'link', link });
}

/** What a portal does with a message from Matrix: an attempt, the post, the link. */
async function toSlack(store: Store, turn: Turn<Change>): Promise<void> {
  const portal = portalId(Number(turn.item.lane.split(':')[1]));
  const n = numberIn(turn.item.payload);
  const link = linkOf(portal, n + 100_000, { origin: 'matrix', event: eventId(`$event${portal}.${n}`) });
  assert.deepEqual(await store.links.byEvent(eventId(`$event${portal}.${n}`)), []);
  turn.remember({ type: 'attempt-link', piece: 0, link });
  await turn.begin({ piece: 0, opKey: `key ${portal} ${n}`, planHash: 'hash', deadline: Date.now() + 1000 });
  turn.mayWrite();
  await sleep(1);
  turn.remember({ type: 'link', link });
}

describe('statements under load', () => {
  let bed: StoreBed;
  before(async () => {
    bed = await storeBed();
  });
  after(() => bed.close());

  it('are a fraction of the messages from Slack', async () => {
    const store = await bed.open();
    for (let channel = 1; channel <= channels; channel += 1) await makePortal(store, channel);
    const worker = testWorker(store, (turn) => toMatrix(store, turn));
    await worker.idle();
    const before = store.statements();
    const stored: Promise<void>[] = [];
    for (let n = 1; n <= messages; n += 1) {
      for (let channel = 1; channel <= channels; channel += 1)
        stored.push(store.intake.store([slackMessage(channel, n)]));
      if (n % 10 === 0) await Promise.all(stored.splice(0));
    }
    await worker.idle();
    const each = (store.statements() - before) / (channels * messages);
    assert.deepEqual(await store.depth(), {
      toMatrix: { items: 0 },
      toSlack: { items: 0 },
      parked: 0,
      dead: 0,
    });
    assert.ok(each <= 0.2, `${each} statements a message`);
    await worker.drain(1000);
  });

  it('are about one for a message from Matrix, even in a single room', async () => {
    const store = await bed.open();
    const worker = testWorker(store, (turn) => toSlack(store, turn));
    await worker.idle();
    const before = store.statements();
    for (let n = 1; n <= 200; n += 20) {
      const transaction = Array.from({ length: 20 }, (_, index) =>
        matrixMessage(1, n + index, { about: [`$event1.${n + index}`] }),
      );
      await store.intake.store(transaction);
    }
    await worker.idle();
    const each = (store.statements() - before) / 200;
    assert.deepEqual(await store.depth(), {
      toMatrix: { items: 0 },
      toSlack: { items: 0 },
      parked: 0,
      dead: 0,
    });
    assert.ok(each <= 1.2, `${each} statements a message`);
    await worker.drain(1000);
  });
});
