import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import { channelId, slackUserId } from '../../src/ids.ts';
import { ann, makeWorld, team } from '../portal/support/world.ts';
import { callback, written } from '../slack/support/payloads.ts';
import { storeBed } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { slackDelivery, startCore, untilDone } from './support/core.ts';
import { shownIn } from './support/shown.ts';

const [annInSlack, bob] = [slackUserId('UANN'), slackUserId('UBOB')];
const authorizations = [{ team_id: 'T1', user_id: annInSlack, is_bot: false }];

let bed: StoreBed;
beforeEach(async () => {
  bed = await storeBed();
});
afterEach(() => bed.close());

/** What Bob writes to Ann, as Slack tells her. */
function said(number: number) {
  const ts = `1700000200.${String(number).padStart(6, '0')}`;
  const message = written(`message ${number}`, { ts, event_ts: ts, channel: 'D1', channel_type: 'im' });
  return slackDelivery(callback({ ...message, user: bob }, { authorizations, event_id: `EvD${number}` }));
}

for (const [what, isForgotten] of [
  ['', () => false],
  [', though each thing that is done is forgotten once', () => true],
] as const)
  test(`a burst at first contact stands in one room, in order and once${what}`, async () => {
    const store = await bed.open();
    const world = makeWorld();
    world.puppets.link(ann, annInSlack);
    world.slack.chats.set('D1', { kind: 'direct', members: [annInSlack, bob] });
    const forgotten = new Set<string>();
    const forget = (name: string): void => {
      if (!isForgotten() || forgotten.has(name)) return;
      forgotten.add(name);
      throw new TryLater('nobody knows that it was done', { after: 5 });
    };
    world.matrix.afterStep = forget;
    const worker = startCore(store, world, (handle) => async (turn) => {
      await handle(turn);
      if (turn.item.lane.startsWith('chat:')) forget(String(turn.item.seq));
    });
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
    await store.intake.store(numbers.slice(0, 10).map(said));
    for (const number of numbers.slice(10)) await store.intake.store([said(number)]);
    await store.intake.store(numbers.slice(5, 15).map(said)); // told again
    await untilDone(bed.url, store, worker);
    await worker.drain(1000);
    assert.deepEqual(
      [...shownIn(world.matrix).values()].map(({ text }) => text),
      numbers.map((number) => `message ${number}`),
    );
    assert.equal(world.matrix.of('create').length, 1);
    assert.equal(store.portals.byChannel(team, channelId('D1'))?.status, 'live');
  });
