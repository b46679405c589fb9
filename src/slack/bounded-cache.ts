/** A cache that keeps a bounded number of values for a bounded time and asks for each only once at a time. */
export interface BoundedCache<Key, Value> {
  /** The value, from `load` where it isn't known or too old. What fails to load isn't kept. */
  get(key: Key, load: () => Promise<Value>): Promise<Value>;
  set(key: Key, value: Value): void;
  forget(key: Key): void;
}

export interface BoundedCacheOptions<Value> {
  readonly size: number;
  /** How long a value is good, in milliseconds. */
  readonly goodFor: (value: Value) => number;
  readonly now?: () => number;
}

export function createBoundedCache<Key, Value>(
  options: BoundedCacheOptions<Value>,
): BoundedCache<Key, Value> {
  const now = options.now ?? (() => performance.now());
  const values = new Map<Key, { readonly value: Value; readonly until: number }>();
  const loading = new Map<Key, Promise<Value>>();

  function keep(key: Key, value: Value): void {
    values.delete(key); // so that the order of the map is the order of use
    values.set(key, { value, until: now() + options.goodFor(value) });
    if (values.size <= options.size) return;
    const oldest = values.keys().next();
    if (oldest.done !== true) values.delete(oldest.value);
  }

  function load(key: Key, loader: () => Promise<Value>): Promise<Value> {
    const promise = loader().then(
      (value) => {
        // a newer value may have been set, or this one forgotten, while it was on its way
        if (loading.get(key) === promise) {
          loading.delete(key);
          keep(key, value);
        }
        return value;
      },
      (error: unknown) => {
        if (loading.get(key) === promise) loading.delete(key);
        throw error;
      },
    );
    loading.set(key, promise);
    return promise;
  }

  return {
    get: async (key, loader) => {
      const known = values.get(key);
      if (known !== undefined && known.until > now()) {
        values.delete(key);
        values.set(key, known);
        return known.value;
      }
      return loading.get(key) ?? load(key, loader);
    },
    set: (key, value) => {
      loading.delete(key);
      keep(key, value);
    },
    forget: (key) => {
      loading.delete(key);
      values.delete(key);
    },
  };
}
