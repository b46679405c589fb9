import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { migrate } from '../store/migrate.ts';
import { openDatabase } from './database.ts';

/**
 * Brings the configured database up to date and leaves it. An embedded one is started for it and stopped again.
 *
 * @throws CannotStart when the database can't be reached, is of a newer version, or is in use by another process.
 */
export async function migrateDatabase(
  config: Pick<Config, 'database' | 'data_dir'>,
  log: Logger,
): Promise<void> {
  const database = await openDatabase(config, log, () => log.error('PostgreSQL ended by itself'));
  try {
    await migrate(database.connection);
  } finally {
    await database.stop();
  }
}
