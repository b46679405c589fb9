import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventId, roomId } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from './query.ts';
import { makePortal, matrixMessage, storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const lane = 'portal:1:matrix';
const room = roomId('!room1:example.org');
const most = { items: 2, counted: 3 };
const at = 1_700_000_000_123;
const reaction = { lane, kind: 'reaction', subject: '1', room, target: eventId('$m1'), at } as const;
const notice = { lane, kind: 'notice', subject: '', room, at: at + 1 } as const;
const told = { lane, kind: 'told', subject: 'U1', room, at: Date.now() } as const;

const messageOf = (n: number) => matrixMessage(1, n, { about: [`$event${n}`] });

describe('what says that something waits', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    await makePortal(store, 1);
    await store.intake.store([1, 2, 3, 4].map(messageOf));
  });
  after(() => bed.close());

  const ageAll = (where = 'true') =>
    query(bed.url, `update inbox set received_at = now() - interval '10 s' where ${where}`);
  const over = async () => (await store.waiting.marks(5000)).filter((mark) => mark.over);

  it('is about items that are late, the oldest first, and counts the rest no further than asked', async () => {
    assert.deepEqual([...(await store.waiting.late([lane], 5000, most)).keys()], []);
    await ageAll();
    const found = (await store.waiting.late([lane, 'portal:2:matrix'], 5000, most)).get(lane);
    assert.deepEqual(
      found?.items.map(({ seq, from, payload }) => [seq, from, payload]),
      [1, 2].map((n) => [n, 'matrix', messageOf(n).payload]),
    );
    assert.equal(found?.total, 3);
  });

  it('is written once, before it is sent, and stands as long as its item waits', async () => {
    assert.equal(await store.waiting.begin(reaction), true);
    assert.equal(await store.waiting.begin(reaction), false);
    await store.waiting.begin(notice);
    await store.waiting.begin(told);
    const marks = await store.waiting.marks(5000);
    assert.deepEqual(
      marks,
      [reaction, notice, told].map((mark) => Object.assign({ over: false }, mark)),
    );
    await store.waiting.placed(reaction, eventId('$mark'));
    assert.equal((await store.waiting.marks(5000))[0]?.event, '$mark');
  });

  it('is over for one item when that is done, for a lane when nothing in it is late', async () => {
    await query(bed.url, `update inbox set state = 'parked' where seq = 1`);
    assert.deepEqual(await over(), []);
    await query(bed.url, `update inbox set state = 'done', payload = null where seq = 1`);
    assert.deepEqual(
      (await over()).map(({ kind }) => kind),
      ['reaction'],
    );
    await query(bed.url, `update inbox set received_at = now()`);
    assert.deepEqual(
      (await over()).map(({ kind }) => kind),
      ['reaction', 'notice'],
      'who was told isn’t told again soon',
    );
    await store.waiting.remove(reaction);
    await query(bed.url, `update waiting_mark set at = now() - interval '11 minutes' where kind = 'told'`);
    assert.deepEqual(
      (await over()).map(({ kind }) => kind),
      ['notice', 'told'],
    );
  });

  it('knows dead letters by their message and by their notice', async () => {
    await query(bed.url, `update inbox set state = 'dead' where seq in (2, 3)`);
    await query(
      bed.url,
      `insert into dead_letter (seq, reason, error, noticed_event) values (2, 'bug', 'why', '$notice'), (3, 'bug', 'why', null)`,
    );
    const seqs = async (event: string) => (await store.deadLetters.on(eventId(event))).map(({ seq }) => seq);
    assert.deepEqual(await seqs('$notice'), [2]);
    assert.deepEqual(await seqs('$event3'), [3]);
    assert.deepEqual(await seqs('$other'), []);
  });
});
