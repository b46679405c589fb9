import pg from 'pg';
import { CannotStart } from '../errors.ts';

/** Where the database is: an address, or the parts of one (a unix socket's folder as `host`). */
export type DatabaseConnection =
  | { readonly url: string }
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

/** A row as an array of columns: cheaper than an object where rows are many. */
export type Row = readonly unknown[];

/** Counts what is sent to the database. */
export interface StatementCount {
  statements: number;
}

/** Row numbers fit a double for as long as this bridge will run. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (oid === pg.types.builtins.INT8) return Number;
    const parser: unknown = pg.types.getTypeParser(oid, format);
    return parser;
  },
};

/**
 * A statement's plan stays as it was made, maybe when the tables were empty; then PostgreSQL thinks that reading a whole
 * table is the cheapest, or all of an index to join it with a few rows. Each of our look-ups has an index.
 */
const planning = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off';

/** What `pg` takes. A connection that takes more than 5 s, or is silently dead, counts as lost. */
export function clientConfig(connection: DatabaseConnection, name: string): pg.ClientConfig {
  const address =
    'url' in connection
      ? { connectionString: connection.url }
      : {
          host: connection.host,
          port: connection.port,
          user: connection.user,
          database: connection.database,
        };
  return {
    ...address,
    types,
    application_name: `matrix-slack-bridge ${name}`,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    options: `-c timezone=UTC -c lc_messages=C ${planning}`,
  };
}

/** One connected client. Ends by `end()`, or by itself when the connection is lost. */
export async function connectClient(
  connection: DatabaseConnection,
  name: string,
  extra: pg.ClientConfig = {},
): Promise<pg.Client> {
  const client = new pg.Client({ ...clientConfig(connection, name), ...extra });
  // A lost connection also fails the running statement: that is where it is dealt with.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return client;
}

/**
 * The first connection of a start.
 *
 * @throws CannotStart with one line that says what to do: server out of reach, wrong password, missing database.
 */
export async function firstClient(connection: DatabaseConnection): Promise<pg.Client> {
  try {
    return await connectClient(connection, 'start');
  } catch (error) {
    throw new CannotStart(whyNotConnected(error, connection), { cause: error });
  }
}

function whyNotConnected(error: unknown, connection: DatabaseConnection): string {
  const where = describe(connection);
  switch (codeOf(error)) {
    case '28P01':
    case '28000':
      return `PostgreSQL at ${where} refuses the user or the password. Check DATABASE_URL (database.url).`;
    case '3D000':
      return `PostgreSQL at ${where} has no such database. Create it, or name another one in DATABASE_URL (database.url).`;
    case '53300':
      return `PostgreSQL at ${where} has no connection left. Raise its max_connections or stop another client.`;
    default: {
      const reason = error instanceof Error ? error.message || codeOf(error) : String(error);
      return `PostgreSQL at ${where} can't be reached (${reason}). Start it, or correct DATABASE_URL (database.url).`;
    }
  }
}

/** The address without user and password. */
function describe(connection: DatabaseConnection): string {
  if (!('url' in connection)) return `${connection.host}:${connection.port}/${connection.database}`;
  try {
    const url = new URL(connection.url);
    return `${url.searchParams.get('host') ?? url.host}${url.pathname}`;
  } catch {
    throw new CannotStart('DATABASE_URL (database.url) is not an address like postgresql://user@host/name.');
  }
}

/** PostgreSQL's five-character code, or the system's (`ECONNREFUSED`); empty where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/**
 * Whether a statement failed because of the connection or the server's state, and not because of what it said: it may be
 * repeated as it is.
 */
export function isConnectionError(error: unknown): boolean {
  const code = codeOf(error);
  if (/^(?=.*\d)[0-9A-Z]{5}$/.test(code)) return /^(08|28|3D|53|57|58|40|55|25|XX)/.test(code);
  if (code !== '') return /^E(?!RR_INVALID_)[A-Z_]+$/.test(code); // the system's, or a stream's
  return error instanceof Error && error.name === 'Error' && ofClient.test(error.message);
}

/** `pg`'s own errors have neither a code nor a class. */
const ofClient =
  /connection (terminated|ended|error)|received unexpected|not queryable|query read timeout|timeout e(xpired|xceeded)/i;
