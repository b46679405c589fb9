import { startEmbeddedPostgres } from '../../../src/store/embedded-postgres.ts';
import { silentLog } from '../../support/postgres-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A PostgreSQL that nobody else uses, so that it can be ended. It writes to the disk as on any server. */
export interface OwnDatabase {
  /** Stays the same. */
  readonly url: string;
  /** Ends it in the middle of everything, as `pg_ctl stop -m immediate` does; resolves when it is gone. */
  crash(): Promise<void>;
  /** On the same data; resolves when it takes connections again. */
  start(): Promise<void>;
  /** Ends it in good order and removes its data. */
  remove(): Promise<void>;
}

export async function startOwnDatabase(): Promise<OwnDatabase> {
  const folder = temporaryFolder('postgres');
  const options = { dataDir: folder.path, database: 'bridge', log: silentLog };
  let running = await startEmbeddedPostgres(options);
  return {
    url: running.url,
    async crash() {
      const ended = Promise.withResolvers<void>();
      running.onExit(() => ended.resolve());
      process.kill(running.postmasterPid, 'SIGQUIT');
      await ended.promise;
    },
    async start() {
      running = await startEmbeddedPostgres(options);
    },
    async remove() {
      await running.stop();
      await folder.remove();
    },
  };
}
