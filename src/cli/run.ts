import type { Logger } from '../log.ts';
import type { Arguments } from './arguments.ts';
import { giveBackMemory } from './give-back-memory.ts';
import { configAndLog } from './start.ts';
import type { Surroundings } from './surroundings.ts';
import { readVersion } from './version.ts';

/** How long a stop may take, milliseconds; what isn't done then is done after the next start. */
const stopLimit = 10_000;

interface Running {
  stop(): Promise<void>;
}

/** Starts the bridge and runs it until a signal ends it. */
export async function run(args: Arguments, surroundings: Surroundings): Promise<number> {
  const { config, log } = configAndLog(args, surroundings);
  log.info('starting', { version: await readVersion(), config: config.file });
  const memory = giveBackMemory();
  try {
    return await runUntilSignal(surroundings, log, async () => {
      const { startBridge } = await import('../bridge.ts');
      return startBridge(config, log);
    });
  } finally {
    memory.stop();
  }
}

/**
 * Runs until the first SIGTERM or SIGINT; a second one ends the process at once. An error that nothing caught ends it
 * too: what was acknowledged is stored, and a fresh process is better than one in doubt.
 */
export async function runUntilSignal(
  surroundings: Pick<Surroundings, 'onSignal' | 'onCrash' | 'exit'>,
  log: Logger,
  start: () => Promise<Running>,
): Promise<number> {
  surroundings.onCrash((error) => {
    log.error('ending because of an error that nothing caught', { error });
    surroundings.exit(1);
  });
  const signal = firstSignal(surroundings, log);
  const bridge = await start();
  log.info('running');

  log.info('stopping', { because: await signal });
  const stopped = await within(stopLimit, bridge.stop());
  if (stopped) log.info('stopped');
  else log.warn('stopped before all was finished; the rest is done after the next start');
  return stopped ? 0 : 1;
}

function firstSignal(surroundings: Pick<Surroundings, 'onSignal' | 'exit'>, log: Logger): Promise<string> {
  return new Promise((resolve) => {
    let seen = 0;
    surroundings.onSignal((name) => {
      seen += 1;
      if (seen === 1) return resolve(name);
      log.warn('ending at once', { because: name });
      return surroundings.exit(1);
    });
  });
}

/** True when `work` is done before `milliseconds` have passed. */
async function within(milliseconds: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  try {
    return await Promise.race([work.then(() => true), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
