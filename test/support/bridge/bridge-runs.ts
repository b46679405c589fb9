import { fileURLToPath } from 'node:url';
import { startBridgeProcess } from '../../../sandbox/command/bridge-process.ts';
import type { BridgeProcess, BridgeProcessOptions } from '../../../sandbox/command/bridge-process.ts';

/** One bridge, however often its process is started. */
export interface BridgeRuns {
  /** Waits until it is ready. */
  start(): Promise<void>;
  /** One SIGTERM, and waits for the end; the exit status. */
  stop(): Promise<number>;
  /** Ends it by a signal and waits: a crash. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Waits until it ended by itself. */
  ended(): Promise<void>;
  restart(): Promise<void>;
  pid(): number;
}

/** Where node keeps the code that it has read: a start takes half the time. What has changed is read anew. */
const compileCache = fileURLToPath(new URL('../../../.cache/compiled', import.meta.url));

export function bridgeRuns(options: BridgeProcessOptions): BridgeRuns {
  let running: BridgeProcess | undefined;
  const current = (): BridgeProcess => {
    if (!running) throw new Error('The bridge does not run.');
    return running;
  };

  async function start(): Promise<void> {
    const environment = { NODE_COMPILE_CACHE: compileCache, ...(options.environment ?? process.env) };
    running = await startBridgeProcess({ ...options, environment });
  }

  async function end(signal: NodeJS.Signals): Promise<number> {
    const bridge = current();
    await bridge.kill(signal);
    running = undefined;
    return (await bridge.exited).status;
  }

  return {
    start,
    stop: () => end('SIGTERM'),
    async kill(signal = 'SIGKILL') {
      await end(signal);
    },
    async ended() {
      await current().exited;
      running = undefined;
    },
    async restart() {
      await end('SIGTERM');
      await start();
    },
    pid: () => current().pid(),
  };
}
