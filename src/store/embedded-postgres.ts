import { chown, mkdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CannotStart } from '../errors.ts';
import { canUse, unprivilegedAccount } from './embedded-postgres/account.ts';
import type { Account } from './embedded-postgres/account.ts';
import { installedBinaries, runnableBinaries } from './embedded-postgres/binaries.ts';
import type { Binaries } from './embedded-postgres/binaries.ts';
import { ensureCluster, environment, inUse, role, waitUntilFree } from './embedded-postgres/cluster.ts';
import { makeSocketFolder, port, removeSocketFolder } from './embedded-postgres/socket-folder.ts';
import { spawnWatched } from './embedded-postgres/watched-child.ts';
import type { Exit, WatchedChild } from './embedded-postgres/watched-child.ts';

/** What the supervisor reports: its own steps as `info` and `warn`, PostgreSQL's own lines as `debug`. */
export interface EmbeddedPostgresLog {
  readonly debug: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly info: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

export interface EmbeddedPostgresOptions {
  /** A folder of PostgreSQL's own, made when it is missing. When this process is root it is given to the account PostgreSQL runs as. */
  readonly dataDir: string;
  /** The database to make when it is missing, as `connection` names it. */
  readonly database: string;
  readonly log: EmbeddedPostgresLog;
  /** PostgreSQL settings above ours, as in `{ max_connections: '100' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** How to reach the database, as `pg` takes it. `host` is the folder of the unix socket. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

export interface EmbeddedPostgres {
  readonly connection: PostgresConnection;
  /** The same as a URL, for DATABASE_URL. */
  readonly url: string;
  /** The process id of PostgreSQL's main process. */
  readonly postmasterPid: number;
  /** Calls `listener` once when PostgreSQL ends without `stop()`; acknowledged data is on disk, but nothing can be stored any more. */
  onExit(listener: (exit: Exit) => void): void;
  /** Ends all connections and stops PostgreSQL. May be called again. */
  stop(): Promise<void>;
}

/** Ours. Errors are logged without the statement or the row: those hold what people wrote. */
const defaults: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '40',
  shared_buffers: '64MB',
  lc_messages: 'C',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

/** How long PostgreSQL may take to become ready, recovery after a crash included, in milliseconds. */
const startLimit = 120_000;

/**
 * Starts PostgreSQL from the binaries of `@embedded-postgres/<platform>`, on a unix socket only.
 *
 * It never outlives this process, however this process ends (SIGKILL too), and doesn't keep it from ending. As root it runs as `postgres` or `nobody`.
 * Two processes never run on the same folder: the second one gets an error, and the first one's data is not touched.
 *
 * @throws CannotStart with what is wrong and what to do: no binaries for this platform, a folder that PostgreSQL's account can't
 * enter, another process on the same data, data of another major version, or PostgreSQL's own last lines.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = await unprivilegedAccount();
  const folder = await makeDataFolder(options.dataDir, account);
  const binaries = await runnableBinaries(await installedBinaries(), folder, account);
  const cluster = join(folder, 'cluster');
  await ensureCluster(cluster, binaries, account);
  await waitUntilFree(cluster, (pid) => {
    options.log.warn('removing the pid file of a PostgreSQL that is gone', { pid });
  });
  const socketFolder = await makeSocketFolder(folder, account);
  const settings = { ...defaults, unix_socket_directories: socketFolder, ...options.settings };
  const child = await runServer({ binaries, cluster, account, settings, log: options.log });
  const connection = { host: socketFolder, port, user: role, database: options.database };
  try {
    await ensureDatabase(connection);
  } catch (error) {
    await child.stop();
    throw error;
  }
  child.unref();
  options.log.info('PostgreSQL is ready', { pid: child.pid, version: binaries.version });
  return embeddedPostgres(child, connection, folder);
}

/** The URL of a database behind a unix socket, as `pg` reads it. */
function connectionUrl(connection: PostgresConnection): string {
  const { host, user, database } = connection;
  return `postgresql://${user}@localhost:${connection.port}/${encodeURIComponent(database)}?host=${encodeURIComponent(host)}`;
}

function embeddedPostgres(
  child: WatchedChild,
  connection: PostgresConnection,
  folder: string,
): EmbeddedPostgres {
  let stopping = false;
  return {
    connection,
    url: connectionUrl(connection),
    postmasterPid: child.pid,
    onExit(listener) {
      void child.exited.then((exit) => {
        if (!stopping) listener(exit);
      });
    },
    async stop() {
      stopping = true;
      await child.stop();
      await removeSocketFolder(folder, connection.host);
    },
  };
}

async function makeDataFolder(dataDir: string, account: Account | undefined): Promise<string> {
  try {
    await mkdir(dirname(resolve(dataDir)), { recursive: true });
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CannotStart(`The data folder ${dataDir} can't be made: ${reason}`, { cause: error });
  }
  const folder = await realpath(dataDir);
  if (account) await chown(folder, account.uid, account.gid);
  if (await canUse(folder, account)) return folder;
  throw new CannotStart(
    account
      ? `The account "${account.name}", which PostgreSQL must run as because this process is root, cannot enter ${folder}. ` +
          'Use a data folder that other accounts can reach (for example /var/lib/matrix-slack-bridge), start as a normal user, ' +
          'or set DATABASE_URL to a PostgreSQL server.'
      : `The data folder ${folder} is not writable for this account.`,
  );
}

interface Server {
  readonly binaries: Binaries;
  readonly cluster: string;
  readonly account: Account | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: EmbeddedPostgresLog;
}

/**
 * Runs the server until it accepts connections. After the server was killed, its helper processes need a moment to notice; until
 * then PostgreSQL refuses to start, and we try again.
 */
async function runServer(server: Server): Promise<WatchedChild> {
  const deadline = Date.now() + startLimit;
  for (;;) {
    const attempt = await startOnce(server, deadline);
    if (attempt.child) return attempt.child;
    const lines = attempt.lines.join('\n');
    if (lines.includes('lock file "postmaster.pid" already exists'))
      throw new CannotStart(inUse(server.cluster));
    if (!lines.includes('pre-existing shared memory block') || Date.now() > deadline) {
      throw new CannotStart(`PostgreSQL did not start on ${server.cluster}. Its last lines:\n${lines}`);
    }
    await sleep(100);
  }
}

interface Attempt {
  /** Absent when the server ended, or wasn't ready in time. */
  readonly child?: WatchedChild;
  readonly lines: readonly string[];
}

async function startOnce(server: Server, deadline: number): Promise<Attempt> {
  const { binaries, cluster, account, settings, log } = server;
  const lines: string[] = [];
  const ready = Promise.withResolvers<'ready'>();
  const child = await spawnWatched({
    command: join(binaries.native, 'bin', 'postgres'),
    args: ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    stopSignal: 'INT',
    cwd: '/',
    env: environment,
    ...(account && { account }),
    onLine(line) {
      if (lines.push(line) > 30) lines.shift();
      log.debug('PostgreSQL wrote a line', { line });
      if (line.includes('database system is ready to accept connections')) ready.resolve('ready');
    },
  });
  const late = sleep(deadline - Date.now(), 'late', { ref: false });
  const outcome = await Promise.race([ready.promise, child.exited, late]);
  if (outcome === 'ready') return { child, lines };
  await child.stop();
  return { lines };
}

async function ensureDatabase(connection: PostgresConnection): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [connection.database]);
    if (found.rowCount === 0)
      await client.query(`create database ${pg.escapeIdentifier(connection.database)}`);
  } finally {
    await client.end();
  }
}
