import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { startEmbeddedPostgres } from '../store/embedded-postgres.ts';
import { migrate } from '../store/migrate.ts';

/**
 * Brings the configured database up to date and leaves it. An embedded one is started for it and stopped again.
 *
 * @throws CannotStart when the database can't be reached, is of a newer version, or is in use by another process.
 */
export async function migrateDatabase(
  config: Pick<Config, 'database' | 'data_dir'>,
  log: Logger,
): Promise<void> {
  if (config.database) return migrate(config.database);
  const embedded = await startEmbeddedPostgres({
    dataDir: join(config.data_dir, 'postgres'),
    database: 'bridge',
    log: log.child({ part: 'postgres' }),
  });
  try {
    await migrate(embedded.connection);
  } finally {
    await embedded.stop();
  }
}
