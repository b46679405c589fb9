import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { channelId, slackUserId } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { storeBed, team } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const [ann, bob] = [slackUserId('UANN'), slackUserId('UBOB')];

describe('readers of channels', () => {
  let bed: StoreBed;
  let store: Store;
  let other: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    other = await bed.open();
  });
  after(() => bed.close());

  it('are known to every process, who was seen last first', async () => {
    const place = { team, channel: channelId('G1') };
    await store.readers.add(place, [ann]);
    await store.readers.add(place, [bob]);
    assert.deepEqual(store.readers.of(place), [bob, ann]);
    const deadline = performance.now() + 30_000;
    while (other.readers.of(place).length < 2 && performance.now() < deadline) await sleep(5);
    await other.readers.add(place, [ann]);
    assert.deepEqual(other.readers.of(place), [ann, bob]);
    await other.readers.remove(place, ann);
    assert.deepEqual(other.readers.of(place), [bob]);
    assert.deepEqual(store.readers.of({ team, channel: channelId('G2') }), []);
  });

  it('of a chat that gets a room are told when that was begun before', async () => {
    const place = { team, channel: channelId('D1') };
    assert.equal(await store.chats.beginRoom(place), false);
    assert.equal(await other.chats.beginRoom(place), true);
    await store.chats.endRoom(place);
    assert.equal(await other.chats.beginRoom(place), false);
  });

  it('say whether anything waits in a lane but one item', async () => {
    const delivery = { from: 'slack', route: { team, channel: 'D9', chat: true }, srcTs: '' } as const;
    const payload = Buffer.from('{}');
    await store.intake.store([{ ...delivery, deliveryKey: 'one', payload }]);
    const lane = `chat:${team}:D9`;
    assert.equal(await store.chats.isWaiting(lane), true);
    assert.equal(await store.chats.isWaiting('chat:T1:D8'), false);
  });
});
