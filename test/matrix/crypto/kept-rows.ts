import type {
  CryptoRows,
  DatabaseChange,
  DatabaseRow,
  DatabaseSchema,
} from '../../../src/matrix/crypto/ports.ts';

/** Rows in memory, with all commits. */
export interface KeptRows extends CryptoRows {
  readonly commits: readonly DatabaseChange[];
  readonly databases: ReadonlyMap<string, Kept>;
  /** Commits wait from now on, until the returned function is called; with an error they fail. */
  hold(): (error?: Error) => void;
}

interface Kept {
  schema: DatabaseSchema;
  readonly rows: Map<string, DatabaseRow>;
}

export function keepRows(): KeptRows {
  const databases = new Map<string, Kept>();
  const commits: DatabaseChange[] = [];
  let held: Promise<void> = Promise.resolve();
  const placeOf = (row: Omit<DatabaseRow, 'value'>): string => JSON.stringify([row.store, row.key]);
  return {
    commits,
    databases,
    load: (name) => {
      const kept = databases.get(name);
      return Promise.resolve(kept && { schema: kept.schema, rows: [...kept.rows.values()] });
    },
    async commit(change) {
      await held;
      commits.push(change);
      const { name, schema, puts, deletes } = change;
      if (schema) databases.set(name, { schema, rows: new Map() });
      const rows = databases.get(name)?.rows;
      if (!rows) throw new Error(`${name} has no stores`);
      for (const row of deletes) rows.delete(placeOf(row));
      for (const row of puts) rows.set(placeOf(row), row);
    },
    async remove(prefix) {
      for (const name of databases.keys()) if (name.startsWith(prefix)) databases.delete(name);
    },
    hold() {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      held = promise;
      promise.catch(() => undefined);
      return (error) => (error ? reject(error) : resolve());
    },
  };
}
