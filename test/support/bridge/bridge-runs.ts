import { startBridgeProcess } from '../../../sandbox/command/bridge-process.ts';
import type { BridgeProcess, BridgeProcessOptions } from '../../../sandbox/command/bridge-process.ts';

/** One bridge, however often its process is started. */
export interface BridgeRuns {
  /** Waits until it is ready. */
  start(): Promise<void>;
  /** SIGTERM, and waits for the end; the exit status. */
  stop(): Promise<number>;
  /** Ends it by a signal and waits: a crash. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  restart(): Promise<void>;
  pid(): number;
}

/** @param ready is called after each start. */
export function bridgeRuns(options: BridgeProcessOptions, ready: () => Promise<void>): BridgeRuns {
  let running: BridgeProcess | undefined;
  const current = (): BridgeProcess => {
    if (!running) throw new Error('The bridge does not run.');
    return running;
  };

  async function start(): Promise<void> {
    running = await startBridgeProcess(options);
    await ready();
  }

  async function stop(): Promise<number> {
    const bridge = current();
    await bridge.stop();
    running = undefined;
    return (await bridge.exited).status;
  }

  return {
    start,
    stop,
    async kill(signal = 'SIGKILL') {
      await current().kill(signal);
      running = undefined;
    },
    async restart() {
      await stop();
      await start();
    },
    pid: () => current().pid(),
  };
}
