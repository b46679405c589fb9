import type { Arguments } from './arguments.ts';
import { configAndLog } from './start.ts';
import type { Surroundings } from './surroundings.ts';

/** Seals everything with a new key, and says what to do with the old one. */
export async function rotateKey(args: Arguments, surroundings: Surroundings): Promise<number> {
  const { config, log } = configAndLog(args, surroundings);
  const { rotateDatabaseKey } = await import('../bridge/rotate-key.ts');
  const done = await rotateDatabaseKey(config, log);
  const unread = done.broken > 0 ? `, ${done.broken} could not be opened and stay as they were` : '';
  surroundings.out(`Everything is sealed with a new key (${done.newFingerprint}): ${done.sealed} things${unread}.

Next:
  1. Make a copy of ${config.secrets.key_file}, apart from the database's backups.
  2. Start the bridge.
  3. The old key (${done.oldFingerprint}) is in ${done.oldKeyFile}: backups of the database from before need it.
     Delete it when there are none any more.`);
  return 0;
}
