import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { portalId } from '../../src/ids.ts';
import type { Lease } from '../../src/queue/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { cleanUp } from '../../src/store/clean-up.ts';
import { createReader } from '../../src/store/reader.ts';
import { query } from './query.ts';
import { log, makePortal, matrixMessage, slackMessage, storeBed, tsOf } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const nothing = { toMatrix: { items: 0 }, toSlack: { items: 0 }, parked: 0, dead: 0 };

describe('dead letters', () => {
  let bed: StoreBed;
  let store: Store;
  let lease: Lease;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    await makePortal(store, 1);
    await store.inbox.renew();
    await store.intake.store([slackMessage(1, 1), slackMessage(1, 2)]);
    const [claimed] = await store.inbox.claim(1);
    assert.ok(claimed);
    lease = claimed;
  });
  after(() => bed.close());

  const end = (seq: number, reason: string) =>
    store.inbox.commit({ lease, seq, changes: [], ending: { type: 'dead', reason, error: 'why' } }, true);
  const seqs = async () => {
    const answer = (await store.inbox.read([{ lease, known: [], limit: 10 }])).get(lease.lane);
    return answer?.items.map(({ item }) => item.seq);
  };

  it('are out of the way of their lane, and leave a mark that nothing was sent', async () => {
    assert.equal(await end(1, 'bug'), 'committed');
    assert.deepEqual(await seqs(), [2]);
    const [letter] = await store.deadLetters.list();
    assert.deepEqual(
      { ...letter, receivedAt: 0, at: 0 },
      {
        seq: 1,
        lane: 'portal:1:slack',
        from: 'slack',
        reason: 'bug',
        error: 'why',
        receivedAt: 0,
        at: 0,
        payload: slackMessage(1, 1).payload,
      },
    );
    const [mark] = await store.links.byTs(portalId(1), tsOf(1));
    assert.equal(mark?.part, 'none');
    assert.deepEqual(await store.depth(portalId(1)), {
      ...nothing,
      toMatrix: { items: 1, oldest: (await store.depth(portalId(1))).toMatrix.oldest },
      dead: 1,
    });
    assert.equal((await store.depth()).dead, 1);
  });

  it('are found by the message of Slack that they are about', async () => {
    const about = async (at: number) =>
      (await store.deadLetters.onMessage(portalId(1), tsOf(at))).map(({ seq, error }) => [seq, error]);
    assert.deepEqual([await about(1), await about(2)], [[[1, 'why']], []]);
    assert.deepEqual(await store.deadLetters.onMessage(portalId(2), tsOf(1)), []);
  });

  it('can be tried again, in their old place', async () => {
    assert.deepEqual(await store.deadLetters.retry([1]), [1]);
    assert.deepEqual(await seqs(), [1, 2]);
    assert.deepEqual(await store.deadLetters.list(), []);
    assert.deepEqual(await query(bed.url, `select * from message where part = 'none'`), []);
    assert.deepEqual(await store.deadLetters.retry([1]), []);
    assert.deepEqual(await store.deadLetters.retry([999]), []);
  });

  it('that are tried again are known to be deleted, when they were deleted since', async () => {
    await end(1, 'bug');
    const deleted = { type: 'deleted', portal: portalId(1), ts: tsOf(1) } as const;
    await store.inbox.commit({ lease, seq: 2, changes: [deleted] }, true);
    assert.deepEqual(await store.deadLetters.retry([1]), [1]);
    assert.equal(await store.links.isDeleted(portalId(1), tsOf(1)), true);
  });

  it('can be skipped, and so can what waits', async () => {
    await end(1, 'bug');
    assert.deepEqual(await store.deadLetters.skip([1]), [1]);
    assert.deepEqual(await store.deadLetters.skip([2]), [2]);
    assert.deepEqual(await store.deadLetters.skip([2]), []);
    assert.deepEqual(await seqs(), []);
    assert.equal((await store.links.byTs(portalId(1), tsOf(2)))[0]?.part, 'none');
    assert.deepEqual(await store.depth(), nothing);
    assert.deepEqual(await query(bed.url, 'select count(payload)::int as payloads from inbox'), [
      { payloads: 0 },
    ]);
  });

  it('that are malformed are kept to be looked at only', async () => {
    await store.intake.store([matrixMessage(1, 1, { malformed: 'no type' })]);
    const [letter] = await store.deadLetters.list();
    assert.ok(letter);
    assert.deepEqual(await store.deadLetters.retry([letter.seq]), []);
  });
});

describe('dead letters that are tried again, or whose message is removed,', () => {
  let bed: StoreBed;
  let store: Store;
  let lease: Lease;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    await makePortal(store, 1);
    await store.inbox.renew();
    await store.intake.store([slackMessage(1, 1), slackMessage(1, 2)]);
    const [claimed] = await store.inbox.claim(1);
    assert.ok(claimed);
    lease = claimed;
  });
  after(() => bed.close());

  const end = (seq: number, reason: string, noticed?: string) => {
    const ending = { type: 'dead', reason, error: 'why', ...(noticed !== undefined && { noticed }) } as const;
    return store.inbox.commit({ lease, seq, changes: [], ending }, true);
  };

  it('are kept until their notice says that they arrived', async () => {
    await end(1, 'bug', '$notice');
    assert.deepEqual(await store.deadLetters.numbers('all', portalId(2)), []);
    assert.deepEqual(await store.deadLetters.numbers('all', portalId(1)), [1]);
    assert.deepEqual(await store.deadLetters.retried([1]), [
      { seq: 1, state: 'dead', reason: 'bug', error: 'why' },
    ]);
    await store.deadLetters.retry([1]);
    assert.deepEqual(await store.deadLetters.numbers([1]), []);
    assert.equal((await store.depth()).dead, 0);
    assert.deepEqual(await store.deadLetters.retried([1]), [{ seq: 1, state: 'waiting' }]);
    assert.deepEqual(await store.deadLetters.arrived(), { arrived: [], waiting: 1 });
    await store.inbox.commit({ lease, seq: 1, changes: [], ending: { type: 'done' } }, true);
    const notice = { event: '$notice', room: '!room1:example.org' };
    assert.deepEqual(await store.deadLetters.arrived(), { arrived: [{ seq: 1, notice }], waiting: 0 });
    await store.deadLetters.forget(1);
    assert.deepEqual(await store.deadLetters.arrived(), { arrived: [], waiting: 0 });
  });

  it('that fail again keep the notice that they had', async () => {
    await end(2, 'bug', '$notice');
    await store.deadLetters.retry([2]);
    assert.equal(await end(2, 'refused'), 'committed');
    const about = await store.deadLetters.noticesAbout(`ts:1:${tsOf(2)}`);
    assert.deepEqual(about, [{ event: '$notice', room: '!room1:example.org' }]);
    assert.equal((await store.deadLetters.list({ portal: portalId(1) }))[0]?.reason, 'refused');
  });

  it('go with their message, and only with that', async () => {
    assert.equal(await store.deadLetters.noticesAbout(`ts:1:${tsOf(5)}`), undefined);
    await store.deadLetters.removeAbout(`ts:1:${tsOf(5)}`);
    assert.deepEqual(await store.deadLetters.numbers('all'), [2]);
    await store.deadLetters.removeAbout(`ts:1:${tsOf(2)}`);
    assert.deepEqual(await store.deadLetters.numbers('all'), []);
    assert.deepEqual(await query(bed.url, 'select count(payload)::int as payloads from inbox'), [
      { payloads: 0 },
    ]);
  });
});

describe('what is old', () => {
  let bed: StoreBed;
  before(async () => {
    bed = await storeBed();
  });
  after(() => bed.close());

  it('goes: keys, done items and settled attempts after 7 days, dead letters after 30', async () => {
    const store = await bed.open();
    await query(
      bed.url,
      `
      insert into seen (key, at) select gen_random_uuid(), now() - days * interval '1 day' from unnest(array[6, 8, 9]) days`,
    );
    await query(
      bed.url,
      `
      insert into inbox (lane, network, delivery, state, received_at)
      select 'lane ' || state || days, 'slack', gen_random_uuid(), state, now() - days * interval '1 day'
      from unnest(array['ready', 'parked', 'done', 'dead']) state, unnest(array[6, 8, 31]) days`,
    );
    await query(
      bed.url,
      `insert into dead_letter (seq, reason, error, at) select seq, 'bug', '', received_at from inbox where state = 'dead'`,
    );
    await query(
      bed.url,
      `
      insert into attempt (seq, piece, lane, plan_hash, op_key, deadline, epoch, state, started_at)
      select seq, 0, lane, '', lane, now(), 1, case when state = 'ready' then 'open' else 'applied' end, received_at from inbox`,
    );
    const reader = createReader({ url: bed.url }, log, { statements: 0 });
    await cleanUp(reader);
    await reader.close();
    assert.deepEqual(await query(bed.url, 'select count(*)::int as keys from seen'), [{ keys: 1 }]);
    assert.deepEqual(
      await query(bed.url, 'select lane from inbox order by lane collate "C"'),
      ['dead6', 'dead8', 'done6', 'parked31', 'parked6', 'parked8', 'ready31', 'ready6', 'ready8'].map(
        (lane) => ({ lane: `lane ${lane}` }),
      ),
    );
    assert.deepEqual(
      await query(bed.url, 'select lane from attempt order by lane collate "C"'),
      ['dead6', 'done6', 'parked31', 'parked6', 'parked8', 'ready31', 'ready6', 'ready8'].map((lane) => ({
        lane: `lane ${lane}`,
      })),
    );
    await store.close();
  });
});
