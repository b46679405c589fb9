/** As much of a browser's IndexedDB as the tests use. */

interface Request<T> {
  readonly result: T;
  readonly error: Error | null;
  addEventListener(type: 'success' | 'error' | 'upgradeneeded', listener: () => void): void;
}

export interface BrowserStore {
  put(value: unknown, key?: unknown): Request<unknown>;
  add(value: unknown, key?: unknown): Request<unknown>;
  get(key: unknown): Request<unknown>;
  getAllKeys(): Request<unknown[]>;
  delete(key: unknown): Request<unknown>;
  clear(): Request<unknown>;
  index(name: string): { getAll(key: unknown): Request<unknown[]> };
  createIndex(name: string, keyPath: string, options?: object): unknown;
}

interface BrowserTransaction {
  objectStore(name: string): BrowserStore;
  abort(): void;
  addEventListener(type: 'complete' | 'abort', listener: () => void): void;
}

export interface BrowserDatabase {
  readonly objectStoreNames: Iterable<string>;
  createObjectStore(name: string, options?: object): BrowserStore;
  deleteObjectStore(name: string): void;
  transaction(stores: readonly string[], mode: 'readonly' | 'readwrite'): BrowserTransaction;
  close(): void;
}

interface Browser {
  readonly indexedDB: { open(name: string, version: number): Request<BrowserDatabase> };
  readonly IDBKeyRange: { bound(from: unknown, to: unknown): object };
}

/** There once something is attached. */
export const browser = globalThis as unknown as Browser;

function resultOf<T>(request: Request<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('the request failed')));
  });
}

export function openDatabase(
  name: string,
  version: number,
  upgrade: (database: BrowserDatabase) => void,
): Promise<BrowserDatabase> {
  const request = browser.indexedDB.open(name, version);
  request.addEventListener('upgradeneeded', () => upgrade(request.result));
  return resultOf(request);
}

/** Resolves when it is complete, with what `work` gave; rejects when it was undone. */
export async function change<T>(
  database: BrowserDatabase,
  stores: readonly string[],
  work: (transaction: BrowserTransaction) => T,
): Promise<T> {
  const transaction = database.transaction(stores, 'readwrite');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  transaction.addEventListener('complete', resolve);
  transaction.addEventListener('abort', () => reject(new Error('undone')));
  const result = work(transaction);
  await promise;
  return result;
}

export function read(database: BrowserDatabase, store: string, key: unknown): Promise<unknown> {
  return resultOf(database.transaction([store], 'readonly').objectStore(store).get(key));
}

export function keys(database: BrowserDatabase, store: string): Promise<unknown[]> {
  return resultOf(database.transaction([store], 'readonly').objectStore(store).getAllKeys());
}
