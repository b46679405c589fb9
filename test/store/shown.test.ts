import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { channelId, portalId } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from './query.ts';
import { makePortal, storeBed, team, tsOf } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const portal = portalId(1);

describe('what portals show of themselves', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
  });
  after(() => bed.close());

  it('is known to have changed, each side for itself, without being kept', async () => {
    const { shown } = store;
    const both = { slack: 'ships', matrix: 'boats' };
    assert.equal(await shown.unchanged(portal, 'topic', both), undefined);
    await shown.agree(portal, 'topic', { slack: 'x', matrix: 'x' });
    await shown.agree(portal, 'topic', both);
    assert.deepEqual(await shown.unchanged(portal, 'topic', both), { slack: true, matrix: true });
    const changed = { ...both, slack: 'tides' };
    assert.deepEqual(await shown.unchanged(portal, 'topic', changed), { slack: false, matrix: true });
    assert.equal(await shown.unchanged(portal, 'name', both), undefined);
    assert.equal(await shown.unchanged(portalId(2), 'topic', both), undefined);
    assert.doesNotMatch(JSON.stringify(await query(bed.url, 'select * from shown')), /ships|boats/);
  });

  it('includes pins, with the last time that Slack told of them', async () => {
    const { shown } = store;
    const start = await shown.now();
    await shown.setPin(portal, { ts: tsOf(1), pinned: true, changedTs: tsOf(5) });
    await shown.setPin(portal, { ts: tsOf(1), pinned: false, changedTs: '' });
    const [pin] = await shown.pins(portal);
    assert.deepEqual(
      { ...pin, changedAt: 0 },
      { ts: tsOf(1), pinned: false, changedTs: tsOf(5), changedAt: 0 },
    );
    assert.ok((pin?.changedAt ?? 0) >= start && (pin?.changedAt ?? 0) <= (await shown.now()));
    assert.deepEqual(await shown.pins(portalId(2)), []);
  });

  it('includes levels that were raised while the channel is archived', async () => {
    const { shown } = store;
    const levels = [
      { path: ['events_default'], before: 0, raised: 50 },
      { path: ['events', 'm.reaction'], raised: 50 },
    ] as const;
    assert.equal(await shown.closedRoom(portal), undefined);
    await shown.setClosedRoom(portal, { levels, applied: false });
    await shown.setClosedRoom(portal, { levels, applied: true });
    assert.deepEqual(await shown.closedRoom(portal), { levels, applied: true });
    await shown.setClosedRoom(portal, undefined);
    assert.equal(await shown.closedRoom(portal), undefined);
  });

  it('stays with a portal whose channel got another id: both ids lead to it', async () => {
    const made = await makePortal(store, 1);
    const to = { team, channel: channelId('C9'), name: 'moved' };
    const moved = await store.portals.moveChannel(made.id, to);
    assert.deepEqual(moved.channels, [to, ...made.channels]);
    assert.deepEqual(await store.portals.moveChannel(made.id, to), moved);
    for (const id of ['C1', 'C9']) assert.equal(store.portals.byChannel(team, channelId(id))?.id, made.id);
    const other = await makePortal(store, 2);
    await assert.rejects(store.portals.moveChannel(other.id, to), /linked already/);
  });
});
