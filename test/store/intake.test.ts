import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Delivery } from '../../src/queue/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from './query.ts';
import { makePortal, matrixMessage, slackMessage, storeBed, tsOf } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

describe('intake', () => {
  let bed: StoreBed;
  let store: Store;
  const outcomes: string[] = [];
  before(async () => {
    bed = await storeBed();
    store = await bed.open({ delivery: (_from, outcome) => void outcomes.push(outcome) });
    await makePortal(store, 1);
  });
  after(() => bed.close());

  const items = (lane: string) =>
    query(bed.url, 'select src_ts, state from inbox where lane = $1 order by seq', [lane]);
  const count = async (lane: string) => (await items(lane)).length;

  it('stores an event once, however often it is delivered', async () => {
    await store.intake.store([slackMessage(1, 1)]);
    await store.intake.store([slackMessage(1, 1)]);
    await store.intake.store([slackMessage(1, 2), slackMessage(1, 2)]);
    await Promise.all(Array.from({ length: 50 }, () => store.intake.store([slackMessage(1, 3)])));
    assert.equal(await count('portal:1:slack'), 3);
    assert.equal(outcomes.filter((outcome) => outcome === 'stored').length, 3);
  });

  it('stores an event of Matrix, which has nothing but its id, once', async () => {
    await store.intake.store([matrixMessage(1, 1), matrixMessage(1, 2)]);
    await store.intake.store([matrixMessage(1, 1), matrixMessage(1, 2)]);
    assert.equal(await count('portal:1:matrix'), 2);
  });

  it('stores a fact once, by whatever deliveries it comes', async () => {
    const before = await count('portal:1:slack');
    const other = (key: string): Delivery => slackMessage(1, 4, { deliveryKey: key });
    await Promise.all([store.intake.store([other('a'), other('b')]), store.intake.store([other('c')])]);
    await store.intake.store([other('d')]);
    assert.equal(await count('portal:1:slack'), before + 1);
  });

  it('stores a fact once when two processes are told of it at the same time', async () => {
    const second = await bed.open();
    const deliveries = (source: string) =>
      Array.from({ length: 300 }, (_, n) =>
        slackMessage(1, 1000 + ((n * 7) % 300), { deliveryKey: `${source} ${n}` }),
      );
    await Promise.all([
      store.intake.store(deliveries('first')),
      second.intake.store(deliveries('second').toReversed()),
    ]);
    const rows = await query(
      bed.url,
      `select count(*)::int as items, count(distinct src_ts)::int as facts from inbox where src_ts >= $1`,
      [tsOf(1000)],
    );
    assert.deepEqual(rows, [{ items: 300, facts: 300 }]);
  });

  it('keeps only the key of what belongs to no portal, and not that of its fact', async () => {
    const before = (await query(bed.url, 'select count(*)::int as rows from seen'))[0];
    await store.intake.store([slackMessage(9, 1)]);
    const after = (await query(bed.url, 'select count(*)::int as rows from seen'))[0];
    assert.deepEqual({ before, after }, { before, after: { rows: (before as { rows: number }).rows + 1 } });
    assert.equal(outcomes.at(-1), 'unlinked');
    await makePortal(store, 9);
    await store.intake.store([slackMessage(9, 1)]);
    assert.deepEqual(
      await query(
        bed.url,
        `select lane from inbox where lane like 'portal:%' and lane not like 'portal:1:%'`,
      ),
      [],
    );
    await store.intake.store([slackMessage(9, 1, { deliveryKey: 'from history' })]);
    assert.equal(outcomes.at(-1), 'stored');
  });
});

describe('intake of odd things', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open({ delivery: (_, outcome) => outcomes.push(outcome) });
    await makePortal(store, 1);
  });
  after(() => bed.close());

  const outcomes: string[] = [];
  const count = async (lane: string) =>
    (await query(bed.url, 'select seq from inbox where lane = $1', [lane])).length;

  it('keeps what cannot be handled as a dead letter, acknowledged', async () => {
    await store.intake.store([
      matrixMessage(1, 1, { malformed: 'no \u0000 type \ud800' }),
      matrixMessage(1, 2),
    ]);
    assert.equal(await count('portal:1:matrix'), 1);
    const [letter] = await store.deadLetters.list();
    assert.equal(letter?.reason, 'malformed');
    assert.equal(letter.error, 'no  type �');
    await store.intake.store([matrixMessage(1, 1, { malformed: 'again' })]);
    assert.equal((await store.deadLetters.list()).length, 1);
    assert.deepEqual(outcomes.toSorted(), ['known', 'malformed', 'stored']);
  });

  it('takes any bytes and any order', async () => {
    const odd = ['', '\u0000', '{"a":"\\u0000"}', '\ud800', 'x'.repeat(3_000_000)];
    const deliveries = odd.map((text, n) =>
      matrixMessage(2, n, {
        payload: Buffer.from(text),
        srcTs: n === 0 ? 'not a ts \u0000' : '',
        about: ['$a\u0000b', 'x', '$ok'],
      }),
    );
    await store.intake.store(deliveries);
    assert.equal(await count('room:!room2:example.org'), odd.length);
  });

  it('keeps the order of a transaction that takes several turns', async () => {
    await store.intake.store(Array.from({ length: 100 }, (_, n) => matrixMessage(3, n)));
    const rows = await query(
      bed.url,
      `select delivery from inbox where lane = 'room:!room3:example.org' order by seq`,
    );
    assert.equal(rows.length, 100);
    const read: number[] = [];
    store.inbox.listen({
      wants: () => false,
      holds: () => false,
      complete: () => false,
      knows: () => true,
      leased: () => undefined,
      stored: () => undefined,
      work: () => undefined,
      known: () => undefined,
      disconnected: () => undefined,
      reconnected: () => undefined,
    });
    await store.inbox.renew();
    const lease = (await store.inbox.claim(100)).find(({ lane }) => lane === 'room:!room3:example.org');
    assert.ok(lease);
    const answer = (await store.inbox.read([{ lease, known: [], limit: 200 }])).get(lease.lane);
    for (const { item } of answer?.items ?? [])
      read.push(Number(/"n":(\d+)/.exec(item.payload.toString())?.[1]));
    assert.deepEqual(
      read,
      Array.from({ length: 100 }, (_, n) => n),
    );
    assert.equal(answer?.more, false);
    await store.inbox.leave();
  });
});
