import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { DatabaseConnection } from '../store/db.ts';
import { startEmbeddedPostgres } from '../store/embedded-postgres.ts';

/** The configured database, or an embedded one that was started for it. */
export interface Database {
  readonly connection: DatabaseConnection;
  stop(): Promise<void>;
}

/**
 * @param lost is called when an embedded PostgreSQL ends by itself: nothing can be stored any more.
 * @throws CannotStart when the embedded PostgreSQL can't be started.
 */
export async function openDatabase(
  config: Pick<Config, 'database' | 'data_dir'>,
  log: Logger,
  lost: () => void,
): Promise<Database> {
  if (config.database) return { connection: config.database, stop: () => Promise.resolve() };
  const embedded = await startEmbeddedPostgres({
    dataDir: join(config.data_dir, 'postgres'),
    database: 'bridge',
    log: log.child({ part: 'postgres' }),
  });
  embedded.onExit(lost);
  return { connection: embedded.connection, stop: () => embedded.stop() };
}
