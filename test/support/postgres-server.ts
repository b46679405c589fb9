import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import type { EmbeddedPostgresLog } from '../../src/store/embedded-postgres.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A PostgreSQL server for tests, whose databases nobody needs afterwards. */
export interface PostgresServer {
  /** A URL of a database of a role that may create databases. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Names the server that `test/run.ts` started, or one of one's own; absent: each test file starts its own. */
export const databaseVariable = 'MATRIX_SLACK_BRIDGE_TEST_DATABASE';

export const silentLog: EmbeddedPostgresLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
};

/** Starts a server in a new folder, which goes with it. It doesn't wait for the disk: no test pulls the machine's plug. */
export async function startPostgresServer(): Promise<PostgresServer> {
  const folder = temporaryFolder('postgres');
  const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '200' };
  const server = await startEmbeddedPostgres({
    dataDir: folder.path,
    database: 'tests',
    log: silentLog,
    settings,
  });
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await folder.remove();
    },
  };
}
