import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { matrixUserId } from '../../../src/ids.ts';
import type { CryptoState } from '../../../src/matrix/crypto/ports.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { query } from '../query.ts';
import { storeBed } from '../test-store.ts';
import type { StoreBed } from '../test-store.ts';

const bot = matrixUserId('@bot:example.org');
const ghost = matrixUserId('@slack_u1:example.org');
const friends = ['@a:x', '@b:x', '@c:x'].map((id) => matrixUserId(id));

let bed: StoreBed;
let store: Store;
let state: CryptoState;
before(async () => {
  bed = await storeBed();
  store = await bed.open();
  await store.crypto.leadership.start();
  ({ state } = store.crypto);
});
after(() => bed.close());

test('what is known of a device, and how far it read, is kept for each device', async () => {
  assert.equal(await state.device(bot, 'D1'), undefined);
  assert.equal(await state.since(bot, 'D1'), undefined);
  await state.saveSince(bot, 'D1', 's1');
  assert.deepEqual(await state.device(bot, 'D1'), { signed: false, retired: false });
  await state.saveDevice(bot, 'D1', { signed: true, retired: false });
  assert.equal(await state.since(bot, 'D1'), 's1');
  await state.saveSince(bot, 'D1', 's2');
  assert.equal(await state.since(bot, 'D1'), 's2');
  assert.deepEqual(await state.device(bot, 'D1'), { signed: true, retired: false });
  assert.equal(await state.device(bot, 'D2'), undefined);
});

test('a device that was closed hears of the lists that changed meanwhile, once', async () => {
  const [a, b, c] = friends as [(typeof friends)[0], (typeof friends)[0], (typeof friends)[0]]; // three of them
  await state.saveSince(bot, 'D1', 's3', [a, b, a]);
  const first = await state.changedLists(ghost, 'G1');
  assert.deepEqual(first.users.toSorted(), [a, b]);
  await state.saveSince(bot, 'D1', 's4', [c]);
  await state.saveHeard(ghost, 'G1', first.upTo);
  const second = await state.changedLists(ghost, 'G1');
  assert.deepEqual(second.users, [c]);
  await state.saveHeard(ghost, 'G1', second.upTo);
  assert.deepEqual(await state.changedLists(ghost, 'G1'), { users: [], upTo: 0 });
  await state.saveSince(bot, 'D1', 's5', [a]);
  assert.deepEqual((await state.changedLists(ghost, 'G1')).users, [a]);
  assert.equal((await state.changedLists(ghost, 'G2')).users.length, 3);
});

test('stores that are younger than somebody outside was told were put back: no device of theirs is used again', async () => {
  assert.deepEqual(await state.raiseAge(0), { age: 1, wentBack: false });
  assert.deepEqual(await state.raiseAge(1), { age: 2, wentBack: false });
  assert.equal((await state.device(bot, 'D1'))?.retired, false);
  await store.crypto.rows.load(`${ghost}|LOST::any`);
  const change = { name: `${ghost}|LOST::any`, schema: { version: 1, stores: {} }, puts: [], deletes: [] };
  await store.crypto.rows.commit(change);
  assert.deepEqual(await state.raiseAge(5), { age: 6, wentBack: true });
  assert.deepEqual(await state.device(bot, 'D1'), { signed: true, retired: true });
  assert.deepEqual(await state.device(ghost, 'LOST'), { signed: false, retired: true });
  assert.deepEqual(await state.raiseAge(6), { age: 7, wentBack: false });
  await store.crypto.rows.remove(`${ghost}|LOST::`);
});

test('the key of the stores is made once, for all processes, and sealed; so are cross-signing keys', async () => {
  const other = await bed.open();
  const [one, two] = await Promise.all([state.storeKey(), other.crypto.state.storeKey()]);
  assert.equal(one.length, 32);
  assert.deepEqual(one, two);
  await state.saveIdentity(bot, 'private keys of the bot');
  assert.equal(await other.crypto.state.identity(bot), 'private keys of the bot');
  assert.equal(await state.identity(ghost), undefined);
  const sealed = (await query(bed.url, 'select sealed from secret')) as { readonly sealed: Buffer }[];
  assert.equal(sealed.length, 2);
  for (const text of ['private keys', one, one.toString('base64'), one.toString('hex')])
    for (const row of sealed) assert.ok(!row.sealed.includes(text));
});

test('a key that is gone, or was changed, ends the start with words, and no other one is made', async () => {
  const rows = store.crypto.rows;
  await rows.load('any');
  await rows.commit({ name: 'any', schema: { version: 1, stores: {} }, puts: [], deletes: [] });
  const [kept] = (await query(bed.url, `select sealed from secret where id = 'crypto:store'`)) as [
    { readonly sealed: Buffer },
  ];
  const asNew = async (): Promise<void> => {
    const next = await bed.open();
    await assert.rejects(next.crypto.state.storeKey(), {
      name: 'CannotStart',
      message: /key of the bridge’s encryption .* Restore the table from a backup/,
    });
    await assert.rejects(next.crypto.rows.load('any'), { name: 'CannotStart' });
    await next.close();
  };
  await query(bed.url, `delete from secret where id = 'crypto:store'`);
  await asNew();
  const changed = Buffer.from(kept.sealed);
  changed[40] = 255 - (changed[40] ?? 0);
  await query(bed.url, `insert into secret values ('crypto:store', $1)`, [changed]);
  await asNew();
  assert.equal((await query(bed.url, 'select from crypto_database')).length, 1);
});
