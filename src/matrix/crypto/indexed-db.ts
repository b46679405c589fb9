import { TryLater } from '../../errors.ts';
import { factory, installIndexedDb, open } from './fake-indexeddb.ts';
import type { IndexedDbKey, Opened, RawDatabase, RawStore, RawTransaction } from './fake-indexeddb.ts';
import type {
  CryptoRows,
  DatabaseChange,
  DatabaseRow,
  DatabaseSchema,
  IndexSchema,
  SavedDatabase,
  StoreSchema,
} from './ports.ts';
import { keyOf, keyText, valueBytes, valueOf } from './stored-form.ts';

/** The databases of devices' crypto stores, in memory while they are attached, and kept with each change. */
export interface CryptoDatabases {
  /**
   * Loads what is kept of a store, named `<user>|<device>`. The crypto module can open it, by this name, from now on until
   * it is detached.
   */
  attach(store: string): Promise<void>;
  /** Forgets the store in memory. Its machine is closed; what it still does is undone. */
  detach(store: string): void;
}

/** What the crypto module adds to a store's name. */
const parts = ['::matrix-sdk-crypto', '::matrix-sdk-crypto-meta'] as const;

interface Attached {
  readonly rows: CryptoRows;
  readonly failed: (error: unknown) => void;
  /** `broken`: a commit failed, so that what is in memory isn't what is kept; nothing more comes of it. */
  state: 'loading' | 'kept' | 'broken';
}

/** By name; the crypto module knows one IndexedDB in a process. */
const attached = new Map<string, Attached>();
/** By the transaction's log: which rows it touched. */
const touched = new WeakMap<object, Map<RawStore, Map<string, IndexedDbKey>>>();

/**
 * What a transaction changed is committed to `rows` before it completes; until then others that touch the same stores
 * wait, and whoever asked for the change isn't told. When a commit fails the transaction is undone, and nothing is
 * committed for that store any more until it is attached anew.
 *
 * @param failed is called for a commit that failed for another reason than `TryLater`: the process has to end.
 */
export function createCryptoDatabases(rows: CryptoRows, failed: (error: unknown) => void): CryptoDatabases {
  return {
    async attach(store) {
      const names = parts.map((part) => `${store}${part}`);
      for (const name of names) if (attached.has(name)) throw new Error(`${name} is attached already`);
      const all = names.map((name): readonly [string, Attached] => [
        name,
        { rows, failed, state: 'loading' },
      ]);
      for (const [name, one] of all) attached.set(name, one);
      try {
        await installIndexedDb({ touched: noteTouched, completing, mayOpen: (name) => attached.has(name) });
        for (const [name] of all) await load(name, await rows.load(name));
      } catch (error) {
        names.forEach(forget);
        throw error;
      }
      for (const [, one] of all) one.state = 'kept';
    },
    detach: (store) => parts.forEach((part) => forget(`${store}${part}`)),
  };
}

function forget(name: string): void {
  attached.delete(name);
  factory._databases.delete(name);
  factory._connectionQueues.delete(name);
}

/** Makes the database in memory as it was kept. */
async function load(name: string, saved: SavedDatabase | undefined): Promise<void> {
  if (!saved) return;
  const opened = await open(factory, name, saved.schema.version, (database) => {
    const stores = makeStores(database, saved.schema);
    for (const { store, key, value } of saved.rows) {
      const raw = stores.get(store);
      if (!raw) throw new Error(`${name} has a row of the store ${store}, which isn’t in its schema`);
      raw.storeRecord({ key: keyOf(key), value: valueOf(value) }, true);
    }
  });
  opened.close();
}

function makeStores(database: Opened, schema: DatabaseSchema): ReadonlyMap<string, RawStore> {
  const stores = new Map<string, RawStore>();
  for (const [name, { keyPath, autoIncrement, indexes }] of Object.entries(schema.stores)) {
    const store = database.createObjectStore(name, { keyPath, autoIncrement });
    for (const [index, { keyPath: path, unique, multiEntry }] of Object.entries(indexes))
      store.createIndex(index, path, { unique, multiEntry });
    stores.set(name, store._rawObjectStore);
  }
  return stores;
}

function noteTouched(store: RawStore, log: object, keys: readonly IndexedDbKey[]): void {
  if (!attached.has(store.rawDatabase.name)) return;
  const stores = touched.get(log) ?? new Map<RawStore, Map<string, IndexedDbKey>>();
  touched.set(log, stores);
  const known = stores.get(store) ?? new Map<string, IndexedDbKey>();
  stores.set(store, known);
  for (const key of keys) known.set(keyText(key), key);
}

function completing(transaction: RawTransaction): Promise<void> | undefined {
  const { name } = transaction.db._rawDatabase;
  if (transaction.mode !== 'versionchange' && !touched.has(transaction._rollbackLog)) return undefined;
  const kept = attached.get(name);
  return kept?.state === 'loading' ? undefined : keep(transaction, kept);
}

async function keep(
  { mode, db: { _rawDatabase: database }, _rollbackLog: log }: RawTransaction,
  kept: Attached | undefined,
): Promise<void> {
  // A machine that wasn't closed may still hold a database that was detached; another one may have its name by now.
  if (kept?.state !== 'kept' || factory._databases.get(database.name) !== database)
    throw new Error(`${database.name} is not kept any more`);
  try {
    await kept.rows.commit(mode === 'versionchange' ? wholeOf(database) : changeOf(database.name, log));
  } catch (error) {
    kept.state = 'broken';
    if (!(error instanceof TryLater)) kept.failed(error);
    throw error;
  }
}

function changeOf(name: string, log: object): DatabaseChange {
  const puts: DatabaseRow[] = [];
  const deletes: Omit<DatabaseRow, 'value'>[] = [];
  for (const [raw, keys] of touched.get(log) ?? []) {
    for (const [key, found] of keys) {
      const record = raw.records.get(found);
      if (record) puts.push({ store: raw.name, key, value: valueBytes(record.value) });
      else deletes.push({ store: raw.name, key });
    }
  }
  return { name, puts, deletes };
}

/** Stores may have been deleted, renamed and made anew under a name that they had: all rows are written. */
function wholeOf(database: RawDatabase): DatabaseChange {
  const stores: Record<string, StoreSchema> = {};
  const puts: DatabaseRow[] = [];
  for (const [store, raw] of database.rawObjectStores) {
    stores[store] = schemaOf(raw);
    for (const { key, value } of raw.records.values())
      puts.push({ store, key: keyText(key), value: valueBytes(value) });
  }
  return { name: database.name, schema: { version: database.version, stores }, puts, deletes: [] };
}

function schemaOf({ name, keyPath, autoIncrement, rawIndexes }: RawStore): StoreSchema {
  // The next number would have to be kept with each row.
  if (autoIncrement) throw new Error(`the store ${name} numbers its rows, which isn’t kept`);
  const indexes: Record<string, IndexSchema> = {};
  for (const { name: index, keyPath: path, unique, multiEntry } of rawIndexes.values())
    indexes[index] = { keyPath: path, unique, multiEntry };
  return { keyPath, autoIncrement, indexes };
}
