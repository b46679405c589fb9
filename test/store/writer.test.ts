import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { eventId, portalId } from '../../src/ids.ts';
import type { Change } from '../../src/portal/ports.ts';
import type { Lease } from '../../src/queue/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from './query.ts';
import { linkOf, makePortal, slackMessage, storeBed, tsOf } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const portal = portalId(1);
const link = (n: number): Change => ({ type: 'link', link: linkOf(portal, n) });

describe('the writer', () => {
  let bed: StoreBed;
  let store: Store;
  let lease: Lease;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    await makePortal(store, 1);
    await store.inbox.renew();
    await store.intake.store(Array.from({ length: 20 }, (_, n) => slackMessage(1, n)));
    const [claimed] = await store.inbox.claim(1);
    assert.ok(claimed);
    lease = claimed;
    await sleep(50); // the hint that other processes get of new items is a statement too
  });
  after(() => bed.close());

  const done = (seq: number, changes: readonly Change[] = []) =>
    store.inbox.commit({ lease, seq, changes, ending: { type: 'done' } }, false);
  const stateOf = async (seq: number) =>
    (await query(bed.url, 'select state from inbox where seq = $1', [seq]))[0];

  it('commits what comes together in one statement, and empties what is done', async () => {
    const before = store.statements();
    assert.deepEqual(await Promise.all([1, 2, 3].map((n) => done(n, [link(n)]))), [
      'committed',
      'committed',
      'committed',
    ]);
    assert.equal(store.statements() - before, 1);
    assert.deepEqual(
      await query(
        bed.url,
        `select count(*)::int as done, count(payload)::int as payloads from inbox where state = 'done'`,
      ),
      [{ done: 3, payloads: 0 }],
    );
    assert.equal((await store.links.byTs(portal, tsOf(2))).length, 1);
  });

  it('lets what nobody waits for ride along with what somebody does', async () => {
    const before = store.statements();
    const lazy = done(4);
    await store.intake.store([slackMessage(1, 50)]);
    await lazy;
    assert.equal(store.statements() - before, 1);
  });

  it('fails only what the database refuses, and goes on with the rest', async () => {
    // The same piece of an event can't be two messages.
    const twice: Change = { type: 'link', link: linkOf(portal, 9, { event: eventId('$copy1.1') }) };
    const results = await Promise.allSettled([
      done(5, [link(5)]),
      done(6, [twice]),
      done(7, [link(7)]),
      store.intake.store([slackMessage(1, 51)]),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    );
    assert.deepEqual(await stateOf(6), { state: 'ready' });
    assert.deepEqual(await stateOf(7), { state: 'done' });
  });

  it('writes changes of one message by several items in their order', async () => {
    await Promise.all([
      done(8, [link(8)]),
      done(9, [{ type: 'edited', portal, ts: tsOf(8), edit: '1' }]),
      done(10, [{ type: 'edited', portal, ts: tsOf(8), edit: '2' }]),
      done(11, [{ type: 'deleted', portal, ts: tsOf(8) }]),
      done(12, [{ type: 'link', link: linkOf(portal, 8, { event: eventId('$returned') }) }]),
    ]);
    assert.deepEqual(
      await query(bed.url, 'select event_id, last_edit, deleted_at from message where ts = $1', [tsOf(8)]),
      [{ event_id: '$returned', last_edit: '2', deleted_at: null }],
    );
  });
});

describe('the writer, when it cannot write', () => {
  let bed: StoreBed;
  let store: Store;
  let lease: Lease;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    await makePortal(store, 1);
    await store.inbox.renew();
    await store.intake.store(Array.from({ length: 20 }, (_, n) => slackMessage(1, n)));
    const [claimed] = await store.inbox.claim(1);
    assert.ok(claimed);
    lease = claimed;
  });
  after(() => bed.close());

  const done = (seq: number, changes: readonly Change[] = []) =>
    store.inbox.commit({ lease, seq, changes, ending: { type: 'done' } }, false);
  const stateOf = async (seq: number) =>
    (await query(bed.url, 'select state from inbox where seq = $1', [seq]))[0];

  it('writes nothing under an epoch that the lane has no longer', async () => {
    await query(bed.url, 'update lane set epoch = epoch + 100000');
    const stale = [link(13), { type: 'grave', portal, ts: tsOf(14) }] as const;
    for (const change of stale) store.inbox.remember(change);
    assert.equal(await done(13, stale), 'fenced');
    assert.deepEqual(await store.links.byTs(portal, tsOf(13)), []);
    assert.equal(await store.links.hasGrave(portal, tsOf(14)), false);
    assert.deepEqual(await stateOf(13), { state: 'ready' });
    const dead = { type: 'dead', reason: 'bug', error: '' } as const;
    assert.equal(await store.inbox.commit({ lease, seq: 14, changes: [], ending: dead }, true), 'fenced');
    assert.deepEqual(await stateOf(14), { state: 'ready' });
  });

  it('refuses events while the database is away, keeps what is done, and is back within 5 s', async () => {
    const current = (await store.inbox.renew()).held.find(({ lane }) => lane === lease.lane);
    assert.ok(current);
    const database = new URL(bed.url).pathname.slice(1);
    const elsewhere = bed.url.replace(`/${database}`, '/postgres');
    await query(elsewhere, `alter database "${database}" allow_connections false`);
    await query(
      elsewhere,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%writer%' and datname = $1`,
      [database],
    );
    const kept = store.inbox.commit(
      { lease: current, seq: 15, changes: [link(15)], ending: { type: 'done' } },
      true,
    );
    await assert.rejects(store.intake.store([slackMessage(1, 60)]), /out of reach/);
    assert.equal(store.health().ok, false);
    await query(elsewhere, `alter database "${database}" allow_connections true`);
    const start = performance.now();
    assert.equal(await kept, 'committed');
    await store.intake.store([slackMessage(1, 60)]);
    assert.ok(performance.now() - start < 5000);
    assert.equal(store.health().ok, true);
    assert.deepEqual(
      await query(bed.url, 'select count(*)::int as items from inbox where src_ts = $1', [tsOf(60)]),
      [{ items: 1 }],
    );
  });

  it('tells the sender in time when the database does not answer', async () => {
    const locked = query(
      bed.url,
      'begin; lock table seen in access exclusive mode; select pg_sleep(4); commit',
    );
    await sleep(200);
    const start = performance.now();
    await assert.rejects(store.intake.store([slackMessage(1, 61)]), /out of reach/);
    assert.ok(performance.now() - start < 2600);
    await locked;
    await store.intake.store([slackMessage(1, 61)]);
    assert.deepEqual(
      await query(bed.url, 'select count(*)::int as items from inbox where src_ts = $1', [tsOf(61)]),
      [{ items: 1 }],
    );
  });

  it('forgets what waits longer than its sender does, who repeats it', async () => {
    const seqs = (n: number) => query(bed.url, 'select seq from inbox where src_ts = $1', [tsOf(n)]);
    const locked = query(
      bed.url,
      'begin; lock table seen in access exclusive mode; select pg_sleep(4); commit',
    );
    await sleep(200);
    const underWay = store.intake.store([slackMessage(1, 62)]);
    await sleep(50);
    const waiting = store.intake.store([slackMessage(1, 63)]);
    await assert.rejects(underWay, /out of reach/);
    await assert.rejects(waiting, /out of reach/);
    await locked;
    await store.intake.store([slackMessage(1, 64)]);
    assert.deepEqual([(await seqs(62)).length, (await seqs(63)).length], [1, 0]);
    await store.intake.store([slackMessage(1, 63)]);
    assert.equal((await seqs(63)).length, 1);
  });
});
