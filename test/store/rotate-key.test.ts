import assert from 'node:assert/strict';
import { copyFile, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { matrixUserId, slackUserId } from '../../src/ids.ts';
import { rotateKey } from '../../src/store/rotate-key.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from './query.ts';
import { makePortal, slackMessage, storeBed, team } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const token = { access: 'xoxp-the-token' };
const slackUser = slackUserId('U1');
const puppet = {
  matrixUser: matrixUserId('@alice:example.org'),
  team,
  slackUser,
  name: 'Ann',
  scopes: ['chat:write'],
};

let bed: StoreBed;
after(() => bed.close());
afterEach(async () => {
  for (const name of await readdir(dirname(bed.keyFile)))
    if (name.startsWith('secrets.key.')) await rm(`${dirname(bed.keyFile)}/${name}`);
});

const rotate = (between?: () => void) => rotateKey({ url: bed.url }, { file: bed.keyFile }, between);
const keyText = (file = bed.keyFile) => readFile(file, 'utf8');

/** Opens the store, looks, and closes it again: as a bridge that starts and stops. */
async function during<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const store = await bed.open();
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const readsAll = () =>
  during(async (store) => {
    assert.deepEqual(await store.puppets.tokenOf(team, slackUser), token);
    const late = await store.waiting.late([lane], -1000, { items: 1000, counted: 1000 });
    return late.get(lane)?.items.filter(({ payload }) => payload !== undefined).length ?? 0;
  });

let lane = '';
before(async () => {
  bed = await storeBed();
  await during(async (store) => {
    await store.puppets.save(puppet, token);
    const made = await makePortal(store, 1);
    lane = `portal:${made.id}:slack`;
    await store.intake.store(Array.from({ length: 230 }, (_, n) => slackMessage(1, n + 1)));
  });
});

test('a new key opens everything that was sealed, and the old one, kept aside, nothing any more', async () => {
  const old = await keyText();
  const done = await rotate();
  assert.deepEqual([done.sealed, done.broken], [231, 0]);
  assert.notEqual(await keyText(), old);
  assert.equal(await keyText(done.oldKeyFile), old);
  assert.equal((await stat(done.oldKeyFile)).mode & 0o777, 0o600);
  assert.equal((await stat(bed.keyFile)).mode & 0o777, 0o600);
  assert.equal(await readsAll(), 230);
  const next = await keyText();
  await writeFile(bed.keyFile, old);
  await assert.rejects(during(readsAll), /is not the one that this database was sealed with/);
  await writeFile(bed.keyFile, next);
});

test('a new key is refused while a bridge uses the database, and nothing changes', async () => {
  const old = await keyText();
  await during(async (store) => {
    assert.equal((await store.puppets.tokenOf(team, slackUser))?.access, token.access);
    await assert.rejects(rotate(), {
      name: 'CannotStart',
      message: /A bridge uses this database\. Stop it/,
    });
  });
  assert.equal(await keyText(), old);
  assert.equal(await readsAll(), 230);
});

test('a new key is refused where the key comes from the environment', async () => {
  const value = (await keyText()).trim();
  await assert.rejects(rotateKey({ url: bed.url }, { file: bed.keyFile, value }), {
    name: 'CannotStart',
    message: /comes from the environment/,
  });
});

test('a new key that was interrupted before it counted changes nothing; the next try begins anew', async () => {
  const old = await keyText();
  await query(
    bed.url,
    `alter table bridge add constraint refuse check (key_fingerprint = '${await fingerprint()}')`,
  );
  await assert.rejects(rotate(), /refuse/);
  await query(bed.url, 'alter table bridge drop constraint refuse');
  assert.equal(await keyText(), old);
  assert.equal(await readsAll(), 230);
  assert.equal((await rotate()).sealed, 231);
  assert.equal(await readsAll(), 230);
});

test('a new key that was interrupted before its file took its place is taken by the next start', async () => {
  const old = await keyText();
  await assert.rejects(
    rotate(() => {
      throw new Error('the power failed');
    }),
    /the power failed/,
  );
  assert.equal(await keyText(), old);
  assert.equal(await readsAll(), 230);
  assert.notEqual(await keyText(), old);
  const aside = (await readdir(dirname(bed.keyFile))).find((name) => name.includes('before'));
  assert.equal(await keyText(`${dirname(bed.keyFile)}/${aside}`), old);
});

test('a new key is not made for what can’t be opened: that stays, and is counted', async () => {
  await query(
    bed.url,
    `update inbox set payload = set_byte(payload, 40, 255 - get_byte(payload, 40)) where seq = 1`,
  );
  const before = await query(bed.url, 'select payload from inbox where seq = 1');
  const done = await rotate();
  assert.deepEqual([done.sealed, done.broken], [230, 1]);
  assert.deepEqual(await query(bed.url, 'select payload from inbox where seq = 1'), before);
  assert.equal(await readsAll(), 229);
});

test('a new key is not put in the place of the right one when it is a stranger’s', async () => {
  const right = await keyText();
  await copyFile(bed.keyFile, `${bed.keyFile}.kept`);
  await writeFile(`${bed.keyFile}.next`, `${'ab'.repeat(32)}\n`);
  await writeFile(bed.keyFile, `${'cd'.repeat(32)}\n`);
  await assert.rejects(during(readsAll), /Put the right key back/);
  await rename(`${bed.keyFile}.kept`, bed.keyFile);
  assert.equal(await keyText(), right);
  assert.equal(await readsAll(), 229);
});

async function fingerprint(): Promise<string> {
  const [row] = await query(bed.url, 'select key_fingerprint from bridge');
  return (row as { key_fingerprint: string }).key_fingerprint; // as it was asked for
}
