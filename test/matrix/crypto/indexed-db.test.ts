import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeviceId,
  EncryptionSettings,
  initAsync,
  OlmMachine,
  RoomId,
  StoreHandle,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { TryLater } from '../../../src/errors.ts';
import { createCryptoDatabases } from '../../../src/matrix/crypto/indexed-db.ts';
import type { CryptoDatabases } from '../../../src/matrix/crypto/indexed-db.ts';
import { messageIndex } from '../../../src/matrix/crypto/message-index.ts';
import { browser, change, keys, openDatabase, read } from './browser-database.ts';
import type { BrowserDatabase } from './browser-database.ts';
import { keepRows } from './kept-rows.ts';
import type { KeptRows } from './kept-rows.ts';

const store = '@bot:example.org|DEVICE';
const name = `${store}::matrix-sdk-crypto`;

let rows: KeptRows;
let databases: CryptoDatabases;
let failures: unknown[];

beforeEach(async () => {
  rows = keepRows();
  failures = [];
  databases = createCryptoDatabases(rows, (error) => failures.push(error));
  await databases.attach(store);
});
afterEach(() => databases.detach(store));

const opened = (): Promise<BrowserDatabase> =>
  openDatabase(name, 1, (database) => {
    database.createObjectStore('plain');
    database.createObjectStore('indexed').createIndex('by', 'by', { multiEntry: true });
    database.createObjectStore('inline', { keyPath: 'id' });
  });

/** As after a restart. */
async function again(): Promise<BrowserDatabase> {
  databases.detach(store);
  await databases.attach(store);
  return openDatabase(name, 1, () => assert.fail('it has no stores'));
}

test('the insides of the IndexedDB are those of the one version that is installed', async () => {
  const installed: unknown = JSON.parse(await readFile('node_modules/fake-indexeddb/package.json', 'utf8'));
  const own: unknown = JSON.parse(await readFile('package.json', 'utf8'));
  assert.equal((installed as { version: string }).version, '6.2.8');
  assert.equal((own as { dependencies: Record<string, string> }).dependencies['fake-indexeddb'], '6.2.8');
});

test('rows come back as they were written, with any key and value, and indexes find them', async () => {
  const database = await opened();
  const date = new Date(1_700_000_000_000);
  const value = {
    text: 'ä',
    bytes: Uint8Array.of(1, 2, 3),
    map: new Map([['a', [1n]]]),
    date,
    by: ['x', 'y'],
  };
  const all = ['a', 7, date, ['a', ['b', 1]], Uint8Array.of(0, 255).buffer];
  await change(database, ['plain', 'indexed', 'inline'], (transaction) => {
    for (const key of all) transaction.objectStore('plain').put(value, key);
    transaction.objectStore('indexed').put(value, 'i');
    transaction.objectStore('inline').put({ id: 'own', value });
  });
  const next = await again();
  assert.notEqual(next, database);
  for (const key of all) assert.deepEqual(await read(next, 'plain', key), value);
  assert.equal((await keys(next, 'plain')).length, all.length);
  assert.deepEqual(await read(next, 'inline', 'own'), { id: 'own', value });
  const found = next.transaction(['indexed'], 'readonly').objectStore('indexed').index('by').getAll('y');
  await sleep(5);
  assert.deepEqual(found.result, [value]);
});

test('only rows that a transaction touched are committed, as they are at its end', async () => {
  const database = await opened();
  await change(database, ['plain'], (transaction) => {
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) transaction.objectStore('plain').put(1, key);
  });
  await change(database, ['plain'], (transaction) => {
    const plain = transaction.objectStore('plain');
    plain.put(2, 'a');
    plain.put(3, 'a');
    plain.delete('b');
    plain.delete(browser.IDBKeyRange.bound('c', 'd'));
    plain.put(4, 'd');
    plain.put(5, 'new');
    plain.delete('new');
  });
  const last = rows.commits.at(-1);
  assert.deepEqual(last?.puts.map(({ key }) => key).toSorted(), ['"a"', '"d"']);
  assert.deepEqual(last?.deletes.map(({ key }) => key).toSorted(), ['"b"', '"c"', '"new"']);
  await change(database, ['plain'], (transaction) => transaction.objectStore('plain').clear());
  assert.deepEqual(await keys(await again(), 'plain'), []);
});

test('a transaction completes when its commit is done, and others of the same stores wait for it', async () => {
  const database = await opened();
  const release = rows.hold();
  const order: string[] = [];
  const first = change(database, ['plain'], (transaction) => transaction.objectStore('plain').put(1, 'a'));
  const done = first.then(() => order.push('first'));
  const reading = read(database, 'plain', 'a').then((value) => order.push(`read ${String(value)}`));
  const aside = read(database, 'indexed', 'a').then(() => order.push('aside'));
  await aside;
  await sleep(20);
  assert.deepEqual(order, ['aside']);
  release();
  await Promise.all([done, reading]);
  assert.deepEqual(order, ['aside', 'first', 'read 1']);
});

test('what a transaction did that was undone is not committed, nor what it failed with', async () => {
  const database = await opened();
  await change(database, ['plain'], (transaction) => transaction.objectStore('plain').put(1, 'a'));
  const before = rows.commits.length;
  const undone = change(database, ['plain'], (transaction) => {
    transaction.objectStore('plain').put(2, 'a');
    transaction.abort();
  });
  await assert.rejects(undone, /undone/);
  const refused = change(database, ['plain'], (transaction) => {
    transaction.objectStore('plain').put(2, 'b');
    transaction.objectStore('plain').add(3, 'a');
  });
  await assert.rejects(refused, /undone/);
  assert.equal(rows.commits.length, before);
  assert.equal(await read(database, 'plain', 'a'), 1);
  assert.deepEqual(await keys(await again(), 'plain'), ['a']);
});

test('a change of the stores is committed with all rows, and before the database is opened', async () => {
  const database = await opened();
  await change(database, ['plain', 'indexed'], (transaction) => {
    transaction.objectStore('plain').put(1, 'old');
    transaction.objectStore('indexed').put({ by: ['x'] }, 'stays');
  });
  database.close();
  const release = rows.hold();
  let isOpen = false;
  const changed = openDatabase(name, 2, (upgrading) => {
    upgrading.deleteObjectStore('plain');
    upgrading.createObjectStore('plain').put(2, 'new');
    upgrading.deleteObjectStore('inline');
  });
  void changed.then(() => (isOpen = true));
  await sleep(20);
  assert.equal(isOpen, false);
  release();
  await changed;
  databases.detach(store);
  await databases.attach(store);
  const next = await openDatabase(name, 2, () => assert.fail('it is of the version'));
  assert.deepEqual([...next.objectStoreNames], ['indexed', 'plain']);
  assert.deepEqual(await keys(next, 'plain'), ['new']);
  assert.deepEqual(await keys(next, 'indexed'), ['stays']);
});

test('after a failed commit nothing is committed any more, and the process is told to end', async () => {
  const database = await opened();
  const write = (key: string) =>
    change(database, ['plain'], (transaction) => transaction.objectStore('plain').put(1, key));
  await write('a');
  rows.hold()(new Error('the disk is full'));
  await assert.rejects(write('b'), /undone/);
  assert.deepEqual(failures, [new Error('the disk is full')]);
  rows.hold()();
  await assert.rejects(write('c'), /undone/);
  assert.deepEqual(await keys(await again(), 'plain'), ['a']);
});

test('a commit that failed with the lead costs the store, not the process', async () => {
  const database = await opened();
  rows.hold()(new TryLater('the lead is lost'));
  const write = change(database, ['plain'], (transaction) => transaction.objectStore('plain').put(1, 'a'));
  await assert.rejects(write, /undone/);
  assert.deepEqual(failures, []);
});

test('whoever still holds a database that was detached changes nothing in the one that was attached since', async () => {
  const old = await opened();
  const next = await again();
  const write = (database: BrowserDatabase, key: string) =>
    change(database, ['plain'], (transaction) => transaction.objectStore('plain').put(1, key));
  await assert.rejects(write(old, 'old'), /undone/);
  await write(next, 'new');
  assert.deepEqual(await keys(await again(), 'plain'), ['new']);
});

test('a machine whose commit failed gives nothing away, and goes on from what was committed', async () => {
  const key = Buffer.alloc(32, 1);
  const room = (): RoomId => new RoomId('!room:example.org');
  const machine = async (): Promise<OlmMachine> => {
    const handle = await StoreHandle.openWithKey(store, key);
    return OlmMachine.initFromStore(new UserId('@bot:example.org'), new DeviceId('DEVICE'), handle);
  };
  const encrypt = async (by: OlmMachine): Promise<number> => {
    const content = JSON.parse(await by.encryptRoomEvent(room(), 'm.room.message', '{}')) as object;
    return messageIndex(Reflect.get(content, 'ciphertext'));
  };
  await initAsync();
  const first = await machine();
  await first.shareRoomKey(room(), [], new EncryptionSettings());
  assert.deepEqual([await encrypt(first), await encrypt(first)], [0, 1]);
  rows.hold()(new TryLater('the lead is lost'));
  await assert.rejects(encrypt(first));
  rows.hold()();
  await assert.rejects(encrypt(first), 'what is in memory isn’t what is kept');
  first.close();
  databases.detach(store);
  await databases.attach(store);
  const second = await machine();
  assert.equal(await encrypt(second), 2);
  second.close();
});

test('nothing is kept in memory only: a database that isn’t attached can’t be opened', async () => {
  await assert.rejects(async () => openDatabase('another', 1, () => undefined), /another is not attached/);
  await assert.rejects(databases.attach(store), /is attached already/);
});
