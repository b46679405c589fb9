import pg from 'pg';
import { TryLater } from '../errors.ts';
import type { Logger } from '../log.ts';
import { clientConfig, isConnectionError } from './db.ts';
import type { DatabaseConnection, StatementCount } from './db.ts';

/** A named statement: parsed once a connection. */
export interface Query {
  readonly name: string;
  readonly text: string;
}

/** All that isn't of the inbox: look-ups, and small writes that stand alone. */
export interface Reader {
  /** The rows. Throws `TryLater` while the database is out of reach. */
  query(query: Query, values: readonly unknown[]): Promise<readonly unknown[]>;
  /** One transaction. Throws `TryLater` while the database is out of reach; then nobody knows whether it was committed. */
  transaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const connections = 3;

export function createReader(connection: DatabaseConnection, log: Logger, count: StatementCount): Reader {
  const pool = new pg.Pool({
    ...clientConfig(connection, 'reader'),
    max: connections,
    query_timeout: 15_000,
    idleTimeoutMillis: 60_000,
  });
  // Also while it is lent: the pool listens only to those that rest, and an error that nobody hears ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', (error) => log.debug('a reading connection is lost', { error }));

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      throw new TryLater('the database is out of reach', { after: 1000, cause: error });
    }
  }

  return {
    query: (query, values) =>
      guarded(async () => {
        count.statements += 1;
        const { rows } = await pool.query<Record<string, unknown>>({ ...query, values: [...values] });
        return rows;
      }),
    transaction: (work) => guarded(() => inTransaction(pool, work)),
    close: () => pool.end(),
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    const rolledBack = await client.query('rollback').then(
      () => true,
      () => false,
    );
    client.release(!rolledBack);
    throw error;
  }
}
