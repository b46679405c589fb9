import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { matrixUserId } from '../../../src/ids.ts';
import type { DatabaseChange, DatabaseSchema } from '../../../src/matrix/crypto/ports.ts';
import { cleanUp } from '../../../src/store/clean-up.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { createReader } from '../../../src/store/reader.ts';
import { eventually } from '../eventually.ts';
import { query } from '../query.ts';
import { log, storeBed } from '../test-store.ts';
import type { StoreBed } from '../test-store.ts';

const bot = matrixUserId('@bot:example.org');
const stores = { keyPath: null, autoIncrement: false, indexes: {} };
const schema: DatabaseSchema = { version: 1, stores: { one: stores, two: stores } };

let bed: StoreBed;
let store: Store;
before(async () => {
  bed = await storeBed();
  store = await bed.open();
  await store.crypto.leadership.start();
});
after(() => bed.close());

const row = (key: string, text: string, of = 'one') => ({ store: of, key, value: Buffer.from(text) });
const change = (name: string, parts: Partial<DatabaseChange>): DatabaseChange => ({
  name,
  puts: [],
  deletes: [],
  ...parts,
});

async function made(name: string): Promise<void> {
  assert.equal(await store.crypto.rows.load(name), undefined);
  await store.crypto.rows.commit(change(name, { schema }));
}

async function kept(name: string): Promise<readonly string[]> {
  const saved = await store.crypto.rows.load(name);
  assert.ok(saved);
  return saved.rows.map(({ store: of, key, value }) => `${of} ${key} ${value.toString()}`).toSorted();
}

test('rows are loaded as the commits left them, with their schema', async () => {
  await made('a');
  const { rows } = store.crypto;
  await rows.commit(change('a', { puts: [row('x', '1'), row('y', '1'), row('x', '1', 'two')] }));
  await rows.commit(change('a', { puts: [row('x', '2')], deletes: [{ store: 'one', key: 'y' }] }));
  assert.deepEqual(await kept('a'), ['one x 2', 'two x 1']);
  assert.deepEqual((await rows.load('a'))?.schema, schema);
});

test('a change of the stores leaves the rows that it names, and no others', async () => {
  await made('b');
  const { rows } = store.crypto;
  await rows.commit(change('b', { puts: [row('x', '1'), row('y', '1'), row('z', '1', 'two')] }));
  const next = { version: 2, stores: { one: stores } };
  await rows.commit(change('b', { schema: next, puts: [row('x', '1'), row('new', '2')] }));
  assert.deepEqual(await kept('b'), ['one new 2', 'one x 1']);
  assert.deepEqual((await rows.load('b'))?.schema, next);
});

test('commits that wait together are one statement, each database in its order', async () => {
  await made('c');
  await made('d');
  const { rows } = store.crypto;
  const all = Array.from({ length: 50 }, (_, n) => [
    rows.commit(change('c', { puts: [row('x', `${n}`), row(`only ${n % 3}`, `${n}`)] })),
    rows.commit(
      n % 2 === 0
        ? change('d', { puts: [row('x', `${n}`)] })
        : change('d', { deletes: [{ store: 'one', key: 'x' }] }),
    ),
  ]);
  await Promise.all(all.flat());
  assert.deepEqual(await kept('c'), ['one only 0 48', 'one only 1 49', 'one only 2 47', 'one x 49']);
  assert.deepEqual(await kept('d'), []);
});

test('databases whose names begin alike are removed together, and no others', async () => {
  for (const name of ['@u:x|D::a', '@u:x|D::b', '@u:x|D2::a']) {
    await made(name);
    await store.crypto.rows.commit(change(name, { puts: [row('x', name)] }));
  }
  await store.crypto.rows.remove('@u:x|D::');
  assert.equal(await store.crypto.rows.load('@u:x|D::a'), undefined);
  assert.equal(await store.crypto.rows.load('@u:x|D::b'), undefined);
  assert.deepEqual(await kept('@u:x|D2::a'), ['one x @u:x|D2::a']);
  const orphans = await query(
    bed.url,
    'select from crypto_row where database not in (select id from crypto_database)',
  );
  assert.equal(orphans.length, 0);
});

test('room keys of half a year ago are forgotten, and nothing else that is as old', async () => {
  const keys = 'inbound_group_sessions3';
  const both = { version: 1, stores: { [keys]: stores, session: stores } };
  const { rows } = store.crypto;
  await rows.load('old');
  await rows.commit(change('old', { schema: both, puts: ['old', 'new'].map((key) => row(key, '1', keys)) }));
  await rows.commit(change('old', { puts: [row('any', '1', 'session')] }));
  const reader = createReader({ url: bed.url }, log, { statements: 0 });
  await query(
    bed.url,
    `with one as (select ctid from crypto_row where store = $1 limit 1)
      update crypto_row set added_at = now() - interval '181 days' where store = 'session' or ctid in (select ctid from one)`,
    [keys],
  );
  await rows.commit(change('old', { puts: ['old', 'new'].map((key) => row(key, '2', keys)) }));
  await cleanUp(reader);
  await reader.close();
  const left = await kept('old');
  assert.equal(left.length, 2);
  assert.equal(left.at(-1), 'session any 1');
});

test('neither keys nor values can be read in the database, and a row counts in its place only', async () => {
  await made('e');
  await made('f');
  await store.crypto.rows.commit(change('e', { puts: [row('"@friend:else.where"', 'a secret word')] }));
  await store.crypto.rows.commit(change('f', { puts: [row('"@friend:else.where"', 'another word')] }));
  const found = (await query(bed.url, 'select store, key, value from crypto_row')) as {
    readonly store: string;
    readonly key: Buffer;
    readonly value: Buffer;
  }[];
  const dump = found.map(
    ({ store: of, key, value }) => `${of} ${key.toString('latin1')} ${value.toString('latin1')}`,
  );
  assert.doesNotMatch(dump.join(' '), /friend|else\.where|secret|word/);
  assert.deepEqual(await kept('e'), ['one "@friend:else.where" a secret word']);
  await query(
    bed.url,
    `update crypto_row set value = (select value from crypto_row r join crypto_database d on d.id = r.database where d.name = 'f')
      where database = (select id from crypto_database where name = 'e')`,
  );
  await assert.rejects(store.crypto.rows.load('e'), { name: 'BrokenSeal' });
});

test('what was loaded before the lead was lost can’t be written any more, also by a process that leads again', async () => {
  await made('g');
  await store.crypto.rows.commit(change('g', { puts: [row('x', '1')] }));
  const { leadership, rows } = store.crypto;
  let lost = 0;
  let gained = 0;
  leadership.onLost(() => (lost += 1));
  leadership.onGained(() => (gained += 1));
  assert.deepEqual([leadership.isLeader(), gained], [true, 1]);
  await query(
    bed.url,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like '% crypto'`,
  );
  await eventually(() => lost === 1);
  assert.equal(leadership.isLeader(), false);
  const late = { name: 'TryLater' };
  await assert.rejects(rows.commit(change('g', { puts: [row('x', '2')] })), late);
  await assert.rejects(rows.load('g'), late);
  await assert.rejects(store.crypto.state.saveSince(bot, 'D', 's1'), late);
  await eventually(() => leadership.isLeader());
  assert.equal(gained, 2);
  await assert.rejects(rows.commit(change('g', { puts: [row('x', '2')] })), late);
  assert.deepEqual(await kept('g'), ['one x 1']);
  await rows.commit(change('g', { puts: [row('x', '3')] }));
  assert.deepEqual(await kept('g'), ['one x 3']);
});

test('a database that refuses a commit costs the lead, and says why', async () => {
  await made('h');
  await query(bed.url, `alter table crypto_row add constraint small check (length(value) < 1000) not valid`);
  const { leadership, rows } = store.crypto;
  await assert.rejects(rows.commit(change('h', { puts: [row('x', 'y'.repeat(2000))] })), /small/);
  assert.equal(leadership.isLeader(), false);
  await query(bed.url, 'alter table crypto_row drop constraint small');
  await eventually(() => leadership.isLeader());
  assert.deepEqual(await kept('h'), []);
});
