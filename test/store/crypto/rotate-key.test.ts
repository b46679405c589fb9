import assert from 'node:assert/strict';
import { writeFile, readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { matrixUserId } from '../../../src/ids.ts';
import { rotateKey } from '../../../src/store/rotate-key.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { query } from '../query.ts';
import { storeBed } from '../test-store.ts';
import type { StoreBed } from '../test-store.ts';

const bot = matrixUserId('@bot:example.org');
const name = `${bot}|DEVICE::matrix-sdk-crypto`;
const row = { store: 'core', key: '"account"', value: Buffer.from('the account') };
const schema = { version: 1, stores: { core: { keyPath: null, autoIncrement: false, indexes: {} } } };

let bed: StoreBed;
before(async () => {
  bed = await storeBed();
});
after(() => bed.close());

async function during<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const store = await bed.open();
  try {
    await store.crypto.leadership.start();
    return await work(store);
  } finally {
    await store.close();
  }
}

const readAll = () =>
  during(async ({ crypto: { rows, state } }) => ({
    key: (await state.storeKey()).toString('hex'),
    identity: await state.identity(bot),
    rows: (await rows.load(name))?.rows,
  }));

test('a new sealing key opens the crypto stores and cross-signing keys, the old one doesn’t, nor none', async () => {
  await during(async ({ crypto: { rows, state } }) => {
    await rows.load(name);
    await rows.commit({ name, schema, puts: [row], deletes: [] });
    await state.saveIdentity(bot, 'cross-signing keys');
  });
  const kept = await readAll();
  assert.deepEqual(kept.rows, [row]);
  const old = await readFile(bed.keyFile, 'utf8');
  await query(
    bed.url,
    `insert into crypto_request (id, kind, request, expires_at) values (gen_random_uuid(), 'any', '', now())`,
  );
  const done = await rotateKey({ url: bed.url }, { file: bed.keyFile });
  assert.deepEqual([done.sealed, done.broken], [2, 0]);
  assert.deepEqual(await query(bed.url, 'select from crypto_request'), []);
  assert.deepEqual(await readAll(), kept);

  const next = await readFile(bed.keyFile, 'utf8');
  const wrong = /is not the one that this database was sealed with/;
  for (const text of [old, `${'ab'.repeat(32)}\n`]) {
    await writeFile(bed.keyFile, text);
    await assert.rejects(readAll(), { name: 'CannotStart', message: wrong });
  }
  await writeFile(bed.keyFile, next);
  assert.deepEqual(await readAll(), kept, 'nothing was made anew');
});

test('after a restored backup no device of before is used again, and its store stays until it is removed', async () => {
  const kept = await during(async ({ crypto: { state } }) => {
    await state.saveDevice(bot, 'OTHER', { signed: true, retired: false });
    return state.device(bot, 'DEVICE');
  });
  assert.equal(kept, undefined);
  await query(bed.url, 'update bridge set generation = generation - 1');
  await during(async ({ crypto: { rows, state } }) => {
    assert.deepEqual(await state.device(bot, 'OTHER'), { signed: true, retired: true });
    assert.deepEqual(await state.device(bot, 'DEVICE'), { signed: false, retired: true });
    assert.deepEqual((await rows.load(name))?.rows, [row]);
    assert.equal(await state.identity(bot), 'cross-signing keys');
  });
});
