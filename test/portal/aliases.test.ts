import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import type { SlackEvent } from '../../src/events.ts';
import { channelId, portalId, roomId } from '../../src/ids.ts';
import type { RoomId } from '../../src/ids.ts';
import { createLinking } from '../../src/portal/link.ts';
import type { Portal } from '../../src/portal/ports.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import type { World } from './support/world.ts';
import { ann, general, makeWorld, place, portal, room, team } from './support/world.ts';

const shares = { ...defaultPolicy, name: true };
const own: Portal = { ...portal, policy: shares };
const randomPlace = { team, channel: channelId('C2') };
const randomRoom = roomId('!random:hs');
const random: Portal = {
  ...own,
  id: portalId(8),
  room: randomRoom,
  channels: [{ ...randomPlace, name: 'random' }],
};

/** Portals of rooms that the bridge made. */
function worldOf(...portals: readonly Portal[]): World {
  const world = makeWorld(...portals);
  world.slack.channels = [general, { ...general, ...randomPlace, name: 'random' }];
  for (const each of portals) world.matrix.ownRooms.add(each.room);
  return world;
}

const laneOf = (at: typeof place) => ({ lane: `portal:${at === place ? 7 : 8}:shown` });
const look = (world: World, at = place): Promise<void> =>
  world.fromSlack({ type: 'look', ...at }, laneOf(at));

async function rename(world: World, name: string, at = place): Promise<void> {
  world.slack.shows(at, { name });
  const event: SlackEvent = { type: 'shown', what: 'name', ...at };
  await world.fromSlack(event, laneOf(at));
}

const addresses = ({ matrix }: World, at: RoomId = room): readonly string[] =>
  [...matrix.aliases].flatMap(([alias, to]) => (to === at ? [alias] : [])).toSorted();

describe('the address of a room that the bridge made', () => {
  test('is made of the channel’s name at the next look, once', async () => {
    const world = worldOf(own);
    await look(world);
    assert.deepEqual(addresses(world), ['#slack_general:hs']);
    assert.deepEqual(world.matrix.shownAliases.get(room), ['#slack_general:hs']);
    world.matrix.aliases.clear();
    await look(world);
    assert.deepEqual(addresses(world), [], 'nobody asks again for what was given');
  });

  test('follows a new name; the old one still leads there', async () => {
    const world = worldOf(own);
    await look(world);
    await rename(world, 'lounge');
    await rename(world, 'lounge');
    assert.deepEqual(addresses(world), ['#slack_general:hs', '#slack_lounge:hs']);
    assert.deepEqual(world.matrix.shownAliases.get(room), ['#slack_lounge:hs', '#slack_general:hs']);
    await rename(world, 'general');
    assert.deepEqual(world.matrix.shownAliases.get(room), ['#slack_general:hs', '#slack_lounge:hs']);
  });

  test('of many names keeps the last', async () => {
    const world = worldOf(own);
    for (let name = 0; name < 14; name += 1) await rename(world, `name-${name}`);
    assert.equal(addresses(world).length, 11);
    assert.equal(world.matrix.shownAliases.get(room)?.[0], '#slack_name-13:hs');
    assert.ok(!world.matrix.aliases.has('#slack_name-2:hs'));
  });

  test('is given when a room is made for a channel, and gone when they part', async () => {
    const world = worldOf();
    world.store.rows = [];
    world.matrix.ownRooms.add(room);
    const linking = createLinking(world.context);
    const linked = await linking.link({
      room,
      channel: general,
      actor: ann,
      otherBridges: false,
      ownRoom: true,
    });
    assert.deepEqual(addresses(world), ['#slack_general:hs']);
    world.matrix.aliases.set('#own:hs', room);
    await linking.unlink(linked, ann);
    assert.deepEqual(addresses(world), ['#own:hs']);
    assert.deepEqual(world.matrix.shownAliases.get(room), []);
  });

  test('goes also where the room sent the bot away', async () => {
    const world = worldOf(own);
    await look(world);
    world.matrix.joined = false;
    world.matrix.isOwnRoom = () => Promise.reject(new CannotBridge('matrix-forbidden', 'not in the room'));
    await createLinking(world.context).unlink(own, ann);
    assert.deepEqual(addresses(world), []);
  });

  test('is no reason for a link to fail', async () => {
    const world = worldOf();
    world.store.rows = [];
    world.matrix.isOwnRoom = () => Promise.reject(new TryLater('down'));
    const request = { room, channel: general, actor: ann, otherBridges: false, ownRoom: true };
    assert.equal((await createLinking(world.context).link(request)).status, 'live');
  });
});

describe('no address', () => {
  test('has a private channel, and one that became private has it no more', async () => {
    const world = worldOf(own);
    world.slack.shows(place, { private: true });
    await look(world);
    assert.deepEqual(addresses(world), []);
    world.slack.shows(place, { private: false });
    await look(world);
    assert.deepEqual(addresses(world), ['#slack_general:hs']);
    world.slack.shows(place, { private: true });
    await world.fromSlack({ type: 'channel', change: 'converted', ...place }, { lane: 'portal:7:control' });
    assert.deepEqual(addresses(world), []);
    assert.deepEqual(world.matrix.shownAliases.get(room), []);
  });

  test('is left of a channel that became private, also where it doesn’t share its name any more', async () => {
    const world = worldOf(own);
    await look(world);
    await createLinking(world.context).setPolicy(own, { name: false }, ann);
    await rename(world, 'lounge');
    assert.deepEqual(addresses(world), ['#slack_general:hs'], 'what was given stays');
    world.slack.shows(place, { private: true });
    await look(world);
    assert.deepEqual(addresses(world), []);
  });

  test('has a room of people’s own, a chat, or a room that doesn’t share its name', async () => {
    const theirs = worldOf(own);
    theirs.matrix.ownRooms.clear();
    const chat = worldOf({ ...own, kind: 'group' });
    const unshared = worldOf({ ...own, policy: defaultPolicy });
    const oneWay = worldOf({ ...own, policy: { ...shares, direction: 'to-slack' } });
    for (const world of [theirs, chat, unshared, oneWay]) {
      await look(world);
      assert.deepEqual(addresses(world), []);
      assert.equal(await createLinking(world.context).aliasOf(world.store.rows[0] ?? own), undefined);
    }
  });

  test('comes with the name, where that is shared from now on', async () => {
    const world = worldOf({ ...own, policy: defaultPolicy });
    await createLinking(world.context).setPolicy(portal, { name: true }, ann);
    assert.deepEqual(addresses(world), ['#slack_general:hs']);
  });
});

describe('a name that another has', () => {
  test('is left alone where it isn’t ours: the workspace’s name stands before it', async () => {
    const world = worldOf(own);
    world.matrix.aliases.set('#slack_general:hs', roomId('!other:hs'));
    await look(world);
    assert.deepEqual(addresses(world), ['#slack_acme.general:hs']);
    assert.equal(world.matrix.aliases.get('#slack_general:hs'), '!other:hs');
    world.matrix.aliases.set('#slack_acme.general:hs', roomId('!other:hs'));
    const view = await createLinking(world.context).aliasOf(own);
    assert.deepEqual(view, { alias: '#slack_general:hs', there: false, taken: true });
  });

  test('stands after the workspace’s where there are several workspaces', async () => {
    const world = worldOf(own);
    const [acme] = world.slack.teams();
    assert.ok(acme);
    world.slack.teams = () => [acme, { ...acme, name: 'Globex', url: 'https://globex.slack.com/' }];
    await look(world);
    assert.deepEqual(addresses(world), ['#slack_acme.general:hs']);
  });

  test('stays as people know it when a second workspace comes', async () => {
    const world = worldOf(own);
    await look(world);
    const [acme] = world.slack.teams();
    assert.ok(acme);
    world.slack.teams = () => [acme, { ...acme, name: 'Globex', url: 'https://globex.slack.com/' }];
    await rename(world, 'general');
    assert.deepEqual(addresses(world), ['#slack_general:hs']);
  });

  test('goes over to the channel that is called so now', async () => {
    const world = worldOf(own, random);
    await look(world);
    await look(world, randomPlace);
    await rename(world, 'lounge');
    await rename(world, 'general', randomPlace);
    assert.deepEqual(addresses(world), ['#slack_lounge:hs']);
    assert.deepEqual(addresses(world, randomRoom), ['#slack_general:hs', '#slack_random:hs']);
    assert.deepEqual(world.matrix.shownAliases.get(room), ['#slack_lounge:hs']);
  });

  test('is exchanged by two channels, whichever of them is heard of first', async () => {
    for (const [first, second] of [
      [place, randomPlace],
      [randomPlace, place],
    ] as const) {
      const world = worldOf(own, random);
      await look(world);
      await look(world, randomPlace);
      world.slack.shows(place, { name: 'random' });
      world.slack.shows(randomPlace, { name: 'general' });
      for (const at of [first, second])
        await world.fromSlack({ type: 'shown', what: 'name', ...at }, laneOf(at));
      assert.deepEqual(addresses(world), ['#slack_random:hs']);
      assert.deepEqual(addresses(world, randomRoom), ['#slack_general:hs']);
    }
  });

  test('that went over when the process ended in the middle is had after all', async () => {
    const world = worldOf(own, random);
    await look(world);
    world.slack.shows(place, { name: 'lounge' });
    const { addAlias } = world.matrix;
    world.matrix.addAlias = () => Promise.reject(new TryLater('the process ends'));
    await assert.rejects(rename(world, 'general', randomPlace), TryLater);
    world.matrix.addAlias = addAlias;
    await rename(world, 'general', randomPlace);
    assert.deepEqual(addresses(world, randomRoom), ['#slack_general:hs']);
    assert.deepEqual(addresses(world), []);
  });

  test('that a room doesn’t let the bot show leads there, and holds up nothing', async () => {
    const world = worldOf(own);
    world.matrix.refusesState = new CannotBridge('matrix-forbidden', 'no');
    await look(world);
    assert.deepEqual(addresses(world), ['#slack_general:hs']);
    assert.ok(world.counted.includes('ignored slack alias-refused'));
    world.matrix.refusesState = undefined;
    await look(world);
    assert.deepEqual(world.matrix.shownAliases.get(room), ['#slack_general:hs']);
  });
});
