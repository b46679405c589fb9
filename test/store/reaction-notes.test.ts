import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ReactionNote } from '../../src/portal/reaction-note-ports.ts';
import type { Change } from '../../src/portal/ports.ts';
import type { PortalId } from '../../src/ids.ts';
import type { Lease } from '../../src/queue/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from './query.ts';
import { makePortal, slackMessage, storeBed, tsOf } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

describe('notes of reactions', () => {
  let bed: StoreBed;
  let store: Store;
  let lease: Lease;
  let change: Change;
  let portal: PortalId;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    const made = await makePortal(store, 1);
    portal = (await store.portals.setStatus(made.id, 'live')).id;
    change = { type: 'reaction-note', portal, ts: tsOf(9) };
    await store.inbox.renew();
    await store.intake.store([1, 2, 3, 4, 5].map((n) => slackMessage(1, n)));
    const [claimed] = await store.inbox.claim(1);
    assert.ok(claimed);
    lease = claimed;
  });
  after(() => bed.close());

  const outdate = (seq: number) =>
    store.inbox.commit({ lease, seq, changes: [change, change], ending: { type: 'done' } }, true);
  const outdated = () => store.reactionNotes.outdated(0);

  it('are outdated by what is done in their portal, and are one process’s at a time', async () => {
    assert.equal(await outdate(1), 'committed');
    assert.deepEqual(await store.reactionNotes.outdated(60_000), [], 'not yet: more may come');
    const [note] = await outdated();
    assert.deepEqual([note?.ts, note?.noteTs, note?.begunAt], [tsOf(9), undefined, undefined]);
    assert.deepEqual(await outdated(), []);
    await query(bed.url, `update reaction_note set taken_until = now()`);
    assert.equal((await outdated()).length, 1, 'whoever took it may be gone');
  });

  it('stay outdated when more changed meanwhile', async () => {
    await query(bed.url, `update reaction_note set taken_until = null`);
    const [note] = await outdated();
    assert.ok(note);
    assert.equal(await store.reactionNotes.begin(note), true);
    await store.reactionNotes.posted(note, tsOf(10));
    await outdate(2);
    await store.reactionNotes.shown(note);
    const [again] = await outdated();
    assert.equal(again?.noteTs, tsOf(10));
    assert.ok((again.begunAt ?? 0) > 0);
    await store.reactionNotes.shown(again);
    assert.deepEqual(await outdated(), []);
  });

  it('are begun by one process, even if another had taken them before', async () => {
    await outdate(4);
    const [taken] = await outdated();
    assert.ok(taken);
    await store.reactionNotes.lost(taken);
    const [late] = await outdated();
    await query(bed.url, `update reaction_note set taken_until = now()`);
    const [note] = await outdated();
    assert.ok(late && note);
    const begin = (each: ReactionNote) => store.reactionNotes.begin(each);
    assert.deepEqual([await begin(note), await begin(late)], [true, false]);
    await query(bed.url, `update reaction_note set taken_until = now()`);
    const [begun] = await outdated();
    assert.ok(begun?.begunAt);
    assert.equal(await begin(begun), true, 'whoever began it may be gone');
    assert.equal(await begin(begun), false);
    await query(bed.url, `update reaction_note set taken_until = now()`);
    const [again] = await outdated();
    assert.ok(again);
    await store.reactionNotes.posted(again, tsOf(11));
    assert.equal(await begin(again), false);
    await store.reactionNotes.shown(again);
  });

  it('are forgotten, unless more changed meanwhile, or made anew', async () => {
    await outdate(3);
    const [note] = await outdated();
    assert.ok(note);
    await store.reactionNotes.forget({ ...note, outdated: '2000-01-01 00:00:00+00' });
    await store.reactionNotes.lost(note);
    const [lost] = await outdated();
    assert.deepEqual([lost?.ts, lost?.noteTs, lost?.begunAt], [tsOf(9), undefined, undefined]);
    await store.reactionNotes.forget(note);
    await query(bed.url, `update reaction_note set taken_until = null`);
    assert.deepEqual(await outdated(), []);
  });
  it('wait while their portal is paused, and are to go when it wants none any more', async () => {
    await outdate(5);
    await store.portals.setStatus(portal, 'paused', 'a test');
    assert.deepEqual(await outdated(), []);
    await store.portals.setStatus(portal, 'live');
    const [note] = await outdated();
    assert.ok(note);
    await store.reactionNotes.posted(note, tsOf(12));
    await store.reactionNotes.shown(note);
    await store.portals.setPolicy(portal, { pins: false });
    assert.deepEqual(await outdated(), []);
    await store.portals.setPolicy(portal, { reactionNames: false });
    const [unwanted] = await outdated();
    assert.deepEqual([unwanted?.ts, unwanted?.noteTs], [tsOf(9), tsOf(12)]);
    await store.portals.setStatus(portal, 'unlinked');
    assert.deepEqual(await query(bed.url, 'select 1 from reaction_note'), []);
  });
});
