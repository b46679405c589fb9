import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { migrate } from '../store/migrate.ts';
import { rotateKey } from '../store/rotate-key.ts';
import type { RotatedKey } from '../store/rotate-key.ts';
import { openDatabase } from './database.ts';

/**
 * Seals everything in the configured database with a new key. An embedded one is started for it and stopped again.
 *
 * @throws CannotStart when a bridge runs, or the database or the key can't be used.
 */
export async function rotateDatabaseKey(
  config: Pick<Config, 'database' | 'data_dir' | 'secrets'>,
  log: Logger,
): Promise<RotatedKey> {
  const { key_file: file, key: value } = config.secrets;
  const database = await openDatabase(config, log, () => log.error('PostgreSQL ended by itself'));
  try {
    await migrate(database.connection);
    return await rotateKey(database.connection, { file, ...(value !== undefined && { value }) });
  } finally {
    await database.stop();
  }
}
