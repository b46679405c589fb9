import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventId, portalId } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { makePortal, slackMessage, storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

let bed: StoreBed;
let store: Store;

before(async () => {
  bed = await storeBed();
  store = await bed.open();
});
after(async () => {
  await bed?.close();
});

test('how far a room was read is remembered for each portal', async () => {
  const first = portalId(1);
  assert.equal(await store.cursors.room(first), undefined);
  await store.cursors.setRoom(first, { event: eventId('$a'), readAt: 1_700_000_000_123 });
  await store.cursors.setRoom(portalId(2), { event: eventId('$b'), readAt: 1 });
  await store.cursors.setRoom(first, { event: eventId('$c'), readAt: 1_700_000_100_456 });
  assert.deepEqual(await store.cursors.room(first), { event: '$c', readAt: 1_700_000_100_456 });
});

test('deliveries that were stored are known by their key, others are not', async () => {
  await makePortal(store, 1);
  const stored = slackMessage(1, 1);
  await store.intake.store([stored]);
  const known = await store.cursors.knownDeliveries([stored.deliveryKey, 'matrix:$never']);
  assert.deepEqual([...known], [stored.deliveryKey]);
  assert.equal((await store.cursors.knownDeliveries([])).size, 0);
});
