import { loadConfig, secretsOf } from '../config.ts';
import type { Config } from '../config.ts';
import { createLogger } from '../log.ts';
import type { RootLogger } from '../log.ts';
import type { Arguments } from './arguments.ts';
import type { Surroundings } from './surroundings.ts';

/** The configuration, and a logger that hides its secrets: what commands that do something begin with. */
export function configAndLog(
  args: Arguments,
  { env }: Surroundings,
): { readonly config: Config; readonly log: RootLogger } {
  const config = loadConfig(args.config, env);
  const log = createLogger(config.logging);
  for (const secret of secretsOf(config)) log.hide(secret);
  return { config, log };
}
