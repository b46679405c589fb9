import type { Arguments } from './arguments.ts';
import { configAndLog } from './start.ts';
import type { Surroundings } from './surroundings.ts';

/** Brings the database up to date. */
export async function migrate(args: Arguments, surroundings: Surroundings): Promise<number> {
  const { config, log } = configAndLog(args, surroundings);
  const { migrateDatabase } = await import('../bridge/migrate.ts');
  await migrateDatabase(config, log);
  surroundings.out('The database is up to date.');
  return 0;
}
