import * as vendor from 'fake-indexeddb';

/**
 * The parts of fake-indexeddb that aren't its interface: what a transaction touched, and the moment before it completes.
 * They are as in the one version that package.json names; a test holds that version, and `installIndexedDb` looks
 * whether they are there.
 */

/** A key as IndexedDB has it: binary ones are `ArrayBuffer`. */
export type IndexedDbKey = number | string | Date | ArrayBuffer | readonly IndexedDbKey[];

interface RawRecord {
  key: IndexedDbKey;
  value: unknown;
}

interface RawIndex {
  readonly name: string;
  readonly keyPath: string | readonly string[];
  readonly unique: boolean;
  readonly multiEntry: boolean;
}

export interface RawStore {
  readonly name: string;
  readonly keyPath: string | readonly string[] | null;
  readonly autoIncrement: boolean;
  readonly rawDatabase: RawDatabase;
  readonly rawIndexes: ReadonlyMap<string, RawIndex>;
  readonly records: { get(key: IndexedDbKey): RawRecord | undefined; values(): Iterable<RawRecord> };
  getAllKeys: (this: RawStore, range?: object) => IndexedDbKey[];
  storeRecord: (this: RawStore, record: RawRecord, noOverwrite: boolean, log?: object) => unknown;
  deleteRecord: (this: RawStore, key: unknown, log?: object) => unknown;
  clear: (this: RawStore, log?: object) => unknown;
}

export interface RawDatabase {
  readonly name: string;
  readonly version: number;
  readonly rawObjectStores: ReadonlyMap<string, RawStore>;
}

export interface RawTransaction {
  readonly mode: 'readonly' | 'readwrite' | 'versionchange';
  readonly db: { readonly _rawDatabase: RawDatabase };
  readonly _rollbackLog: object;
  readonly _requests: readonly { readonly request: { readonly readyState: string } }[];
  _state: 'active' | 'inactive' | 'committing' | 'finished';
  _start: (this: RawTransaction) => void;
  _abort: (this: RawTransaction, name: string) => void;
}

interface Request {
  readonly result: {
    createObjectStore(
      name: string,
      options?: object,
    ): {
      readonly _rawObjectStore: RawStore;
      createIndex(name: string, keyPath: string | readonly string[], options: object): void;
    };
    close(): void;
  };
  readonly error: Error | null;
  addEventListener(type: 'upgradeneeded' | 'success' | 'error', listener: () => void): void;
}

interface RawFactory {
  readonly _databases: Map<string, RawDatabase>;
  readonly _connectionQueues: Map<string, unknown>;
  open: (this: RawFactory, name: string, version?: number) => Request;
  deleteDatabase: (name: string) => Request;
}

// The vendor's types are those of a browser, and tell nothing of the inside.
const inside = vendor as unknown as Readonly<Record<string, { readonly prototype: object }>> & {
  readonly IDBFactory: { new (): RawFactory };
  readonly IDBTransaction: { readonly prototype: RawTransaction };
};

export type Opened = Request['result'];

/** What the module sees as `indexedDB`. */
export const factory: RawFactory = new inside.IDBFactory();

/** Told of each database of `factory`, in this process. */
export interface IndexedDbWatcher {
  /** The rows of these keys may be others from now on, if the transaction with this log completes. */
  touched(store: RawStore, log: object, keys: readonly IndexedDbKey[]): void;
  /**
   * A transaction that may have changed something has nothing more to do. It completes when the promise resolves, and
   * is undone when it rejects; nothing: it completes now.
   */
  completing(transaction: RawTransaction): Promise<void> | undefined;
  /** Whether a database of this name may be opened. */
  mayOpen(name: string): boolean;
}

let installed: Promise<void> | undefined;

/** Puts an IndexedDB into `globalThis`, where the crypto module looks for it. Once in a process. */
export function installIndexedDb(watcher: IndexedDbWatcher): Promise<void> {
  return (installed ??= install(watcher));
}

async function install(watcher: IndexedDbWatcher): Promise<void> {
  watchRows(await anyStore(), watcher);
  holdCompletion(inside.IDBTransaction.prototype, watcher);
  guardNames(watcher);
  const names = Object.keys(inside).filter((name) => /^IDB[A-Z]/.test(name));
  for (const [name, value] of [['indexedDB', factory] as const, ...names.map((n) => [n, inside[n]] as const)])
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

/** The class of object stores isn't exported: it is reached by one of them. */
async function anyStore(): Promise<RawStore> {
  let raw: RawStore | undefined;
  const opened = await open(new inside.IDBFactory(), 'any', 1, (database) => {
    raw = database.createObjectStore('any')._rawObjectStore;
  });
  opened.close();
  if (!raw) throw new Error('fake-indexeddb has other insides than expected');
  return Object.getPrototypeOf(raw) as RawStore; // the prototype has the methods
}

function watchRows(prototype: RawStore, watcher: IndexedDbWatcher): void {
  const { storeRecord, deleteRecord, clear } = prototype;
  checkFunctions(storeRecord, deleteRecord, clear, prototype.getAllKeys);
  prototype.storeRecord = function (record, noOverwrite, log) {
    try {
      return storeRecord.call(this, record, noOverwrite, log);
    } finally {
      if (log && record.key !== undefined) watcher.touched(this, log, [record.key]); // a generated key is known only now
    }
  };
  prototype.deleteRecord = function (key, log) {
    if (log) watcher.touched(this, log, isRange(key) ? this.getAllKeys(key) : [key as IndexedDbKey]); // what is no range is a key
    return deleteRecord.call(this, key, log);
  };
  prototype.clear = function (log) {
    if (log) watcher.touched(this, log, this.getAllKeys());
    return clear.call(this, log);
  };
}

function isRange(key: unknown): key is object {
  return key instanceof (inside['IDBKeyRange'] as unknown as new () => object); // exported, as what it is
}

/**
 * A transaction that waits for its commit counts as running: others that touch the same stores start after it, as in a
 * browser. `_start` runs once more whenever a request is done.
 */
function holdCompletion(prototype: RawTransaction, watcher: IndexedDbWatcher): void {
  const start = prototype._start;
  checkFunctions(start, prototype._abort);
  const held = new WeakSet<RawTransaction>();
  prototype._start = function () {
    if (held.has(this)) return;
    const { mode, _state: state, _requests: requests } = this;
    const done = state !== 'finished' && requests.every(({ request }) => request.readyState === 'done');
    const committed = done && mode !== 'readonly' ? watcher.completing(this) : undefined;
    if (!committed) return start.call(this);
    held.add(this);
    (this as { _started?: boolean })._started = true; // what the original would do first
    this._state = 'committing';
    committed.then(
      () => {
        held.delete(this);
        start.call(this);
      },
      () => {
        this._state = 'active';
        this._abort('AbortError');
      },
    );
  };
}

/** What nobody attached would be in memory only. */
function guardNames(watcher: IndexedDbWatcher): void {
  const openAny = factory.open;
  factory.open = function (name, ...version) {
    if (!watcher.mayOpen(name)) throw new Error(`the database ${name} is not attached`);
    return openAny.call(this, name, ...version);
  };
  factory.deleteDatabase = (name) => {
    throw new Error(`the database ${name} can't be deleted from here`);
  };
}

function checkFunctions(...found: readonly unknown[]): void {
  if (found.some((one) => typeof one !== 'function'))
    throw new Error('fake-indexeddb has other insides than expected');
}

/** Opens a database; `make` makes its stores when there is none yet. */
export function open(
  where: RawFactory,
  name: string,
  version: number,
  make: (database: Opened) => void,
): Promise<Opened> {
  const { promise, resolve, reject } = Promise.withResolvers<Opened>();
  const request = where.open(name, version);
  request.addEventListener('upgradeneeded', () => {
    try {
      make(request.result);
    } catch (error) {
      reject(error); // the request itself fails without the reason
      throw error;
    }
  });
  request.addEventListener('success', () => resolve(request.result));
  request.addEventListener('error', () =>
    reject(request.error ?? new Error(`the database ${name} can't be opened`)),
  );
  return promise;
}
