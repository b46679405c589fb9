import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CannotBridge } from '../../src/errors.ts';
import { channelId, roomId, teamId, ts } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { eventually } from './eventually.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import { makePortal, storeBed, team } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

describe('portals', () => {
  let bed: StoreBed;
  let store: Store;
  let other: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    other = await bed.open();
  });
  after(() => bed.close());

  it('are found by room, channel and number, by every process', async () => {
    const portal = await makePortal(store, 1);
    assert.equal(portal.status, 'pending');
    assert.deepEqual(portal.policy, defaultPolicy);
    await eventually(() => other.portals.byId(portal.id) !== undefined);
    for (const { portals } of [store, other]) {
      assert.deepEqual(portals.byRoom(portal.room), portal);
      assert.deepEqual(portals.byChannel(team, channelId('C1')), portal);
      assert.deepEqual(portals.byId(portal.id), portal);
    }
    assert.deepEqual((await bed.open()).portals.all(), [portal]);
  });

  it('are one for a room and one for a channel', async () => {
    await assert.rejects(makePortal(store, 1), CannotBridge);
    const elsewhere = { room: roomId('!elsewhere:example.org'), since: ts('1700000000.000000') };
    const channel = { team, channel: channelId('C1'), name: 'again' };
    await assert.rejects(store.portals.create({ ...elsewhere, channel }), /channel is linked already/);
    assert.equal(store.portals.byRoom(elsewhere.room), undefined);
  });

  it('change for every process', async () => {
    const { id } = await makePortal(store, 2);
    await store.portals.setStatus(id, 'paused', 'the bot was removed');
    await store.portals.setPolicy(id, { direction: 'to-slack', otherBridges: true, largestFile: 3e9 });
    await store.portals.renameChannel(team, channelId('C2'), 'renamed');
    await store.portals.addChannel(id, { team: teamId('T2'), channel: channelId('C2'), name: 'shared' });
    await eventually(() => other.portals.byChannel(teamId('T2'), channelId('C2')) !== undefined);
    const portal = other.portals.byId(id);
    assert.deepEqual(portal, store.portals.byId(id));
    assert.equal(portal?.status, 'paused');
    assert.equal(portal.pausedBecause, 'the bot was removed');
    assert.deepEqual(portal.policy, {
      ...defaultPolicy,
      direction: 'to-slack',
      otherBridges: true,
      largestFile: 3e9,
    });
    assert.deepEqual(
      portal.channels.map(({ name }) => name),
      ['renamed', 'shared'],
    );
    assert.equal((await store.portals.setStatus(id, 'live')).pausedBecause, undefined);
  });

  it('say when they go live, to every process, each time', async () => {
    const { id } = await makePortal(store, 4);
    const here: number[] = [];
    const there: number[] = [];
    // what was told of other portals before may arrive late
    const ofThis = (heard: number[]) => (portal: number) => void (portal === id && heard.push(portal));
    store.portals.whenLive(ofThis(here));
    other.portals.whenLive(ofThis(there));
    const resumed = async (times: number): Promise<void> => {
      await eventually(() => here.length === times && there.length === times);
    };
    await store.portals.setStatus(id, 'live');
    await resumed(1);
    await store.portals.setPolicy(id, { bots: false });
    await store.portals.setStatus(id, 'paused', 'the channel is archived');
    await eventually(() => other.portals.byId(id)?.status === 'paused');
    await store.portals.setStatus(id, 'live');
    await resumed(2);
    assert.deepEqual(
      [here, there],
      [
        [id, id],
        [id, id],
      ],
    );
  });

  it('of chats are read through people, those of channels through whom they say', async () => {
    const since = ts('1700000000.000000');
    const chat = await store.portals.create({
      room: roomId('!chat:example.org'),
      channel: { team, channel: channelId('D1'), name: 'D1' },
      since,
      kind: 'direct',
    });
    assert.deepEqual([chat.kind, chat.through, chat.policy.topic], ['direct', 'people', false]);
    const { id, through } = await makePortal(store, 5);
    assert.equal(through, 'bot');
    assert.equal((await store.portals.setThrough(id, 'people')).through, 'people');
    await eventually(() => other.portals.byId(id)?.through === 'people');
  });

  it('leave their room and channel free when they are unlinked', async () => {
    const { id, room } = await makePortal(store, 3);
    assert.equal((await store.portals.setStatus(id, 'unlinked')).channels.length, 1);
    assert.equal(store.portals.byRoom(room), undefined);
    assert.equal(store.portals.byChannel(team, channelId('C3')), undefined);
    await eventually(() => other.portals.byId(id) === undefined);
    assert.notEqual((await makePortal(store, 3)).id, id);
    assert.equal((await store.portals.setStatus(id, 'live')).status, 'unlinked');
  });
});
