import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import type { SlackEvent } from '../../src/events.ts';
import { createLinking } from '../../src/portal/link.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import { bot } from './support/recorded-matrix.ts';
import type { World } from './support/world.ts';
import { ann, general, makeWorld, place, portal } from './support/world.ts';

type Levels = Readonly<Record<string, unknown>>;

const levels: Levels = {
  users: { [bot]: 100 },
  events: { 'm.room.name': 50, 'm.room.message': 0, 'm.reaction': 10, 'm.sticker': 60 },
  invite: 0,
};
const closed: Levels = {
  users: { [bot]: 100 },
  events: { 'm.room.name': 50, 'm.room.message': 50, 'm.reaction': 50, 'm.sticker': 60 },
  invite: 0,
  events_default: 50,
};

function worldWith(content: Levels = levels, policy = defaultPolicy): World {
  const world = makeWorld({ ...portal, policy });
  world.matrix.states.set('m.room.power_levels', content);
  world.matrix.powers.set(bot, 100);
  return world;
}

const levelsIn = (world: World): unknown => world.matrix.states.get('m.room.power_levels');

async function channelIs(world: World, archived: boolean, seq = 5): Promise<void> {
  world.slack.channels = [{ ...general, archived }];
  const event: SlackEvent = { type: 'channel', change: archived ? 'archived' : 'unarchived', ...place };
  await world.fromSlack(event, { seq, lane: 'portal:7:control' });
}

test('while a channel is archived only moderators write in its room; then all is as it was', async () => {
  const world = worldWith();
  await channelIs(world, true);
  assert.deepEqual(levelsIn(world), closed);
  assert.match(
    world.matrix.sent()[0] ?? '',
    /is archived.*Until then only who looks after this room can write here/,
  );
  await channelIs(world, false, 6);
  assert.deepEqual(levelsIn(world), levels);
  assert.equal(world.store.rows[0]?.status, 'live');
});

test('what people make of the levels meanwhile stays', async () => {
  const world = worldWith();
  await channelIs(world, true);
  world.matrix.states.set('m.room.power_levels', { ...closed, events_default: 20, invite: 50 });
  await channelIs(world, true, 6);
  assert.equal(world.matrix.of('state').length, 1);
  await channelIs(world, false, 7);
  assert.deepEqual(levelsIn(world), { ...levels, events_default: 20, invite: 50 });
});

test('a crash between the levels and their record closes and opens the room once', async () => {
  const world = worldWith();
  const { setClosedRoom } = world.shown;
  for (const failing of [1, 2]) {
    let writes = 0;
    world.shown.setClosedRoom = async (...args) => {
      writes += 1;
      if (writes === failing) throw new TryLater('the process ends');
      await setClosedRoom(...args);
    };
    await assert.rejects(channelIs(world, true), TryLater);
  }
  world.shown.setClosedRoom = setClosedRoom;
  await channelIs(world, true);
  assert.deepEqual(levelsIn(world), closed);
  world.shown.setClosedRoom = () => Promise.reject(new TryLater('the process ends'));
  await assert.rejects(channelIs(world, false, 6), TryLater);
  world.shown.setClosedRoom = setClosedRoom;
  await channelIs(world, false, 6);
  assert.deepEqual(levelsIn(world), levels);
  assert.equal(world.matrix.of('state').length, 2);
});

test('a room where that isn’t wanted, or the bot may not, stays open', async () => {
  const unwanted = worldWith(levels, { ...defaultPolicy, readOnly: false });
  const weak = worldWith();
  weak.matrix.powers.set(bot, 40);
  const refused = worldWith();
  refused.matrix.refusesState = new CannotBridge('matrix-forbidden', 'no');
  for (const world of [unwanted, weak, refused]) {
    await channelIs(world, true);
    assert.deepEqual(levelsIn(world), levels);
    assert.equal(world.store.rows[0]?.status, 'paused');
    assert.doesNotMatch(world.matrix.sent()[0] ?? '', /Until then/);
    await channelIs(world, false, 6);
    assert.equal(world.store.rows[0]?.status, 'live');
  }
});

test('a room that members of any level write in is closed above their level', async () => {
  const world = worldWith({ ...levels, users_default: 75 });
  await channelIs(world, true);
  assert.equal((levelsIn(world) as Levels)['events_default'], 76); // set by the line before
});

test('unlinking opens the room, and so does the choice', async () => {
  for (const end of ['unlink', 'set'] as const) {
    const world = worldWith();
    await channelIs(world, true);
    const linking = createLinking(world.context);
    const [paused] = world.store.rows;
    assert.ok(paused);
    if (end === 'unlink') await linking.unlink(paused, ann);
    else await linking.setPolicy(paused, { readOnly: false }, ann);
    assert.deepEqual(levelsIn(world), levels);
  }
});

test('a room stays closed while nobody knows whether its channel is still archived', async () => {
  const world = worldWith();
  await channelIs(world, true);
  world.slack.trouble = 'its token was revoked.';
  await channelIs(world, false, 6);
  assert.deepEqual(levelsIn(world), closed);
  world.slack.trouble = undefined;
  await channelIs(world, false, 7);
  assert.deepEqual(levelsIn(world), levels);
});
