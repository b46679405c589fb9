import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnWatched } from '../../src/store/embedded-postgres/watched-child.ts';
import type { WatchedChild } from '../../src/store/embedded-postgres/watched-child.ts';

/** A bridge in a process of its own. */
export interface BridgeProcess {
  pid(): number;
  /** Settles when it ended by itself or was ended, with its exit status. */
  readonly exited: Promise<{ readonly status: number }>;
  /** Asks it to stop (SIGTERM) and waits. */
  stop(): Promise<void>;
  /** Ends it by a signal and waits: a crash. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface BridgeProcessOptions {
  readonly configFile: string;
  /** What it writes to its standard output and error is appended here. */
  readonly logFile: string;
  /** The address of its web server, where it says when it is ready. */
  readonly webUrl: string;
  /** More arguments to node, before the script. */
  readonly nodeArguments?: readonly string[];
  /** The bridge's script; absent: its sources, never a compiled bridge, which may be older. */
  readonly script?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

const startLimit = 90_000;

/**
 * Starts a bridge and waits until it is ready. It never outlives this process.
 *
 * @throws Error with the bridge's last lines when it ends, or isn't ready in 90 s.
 */
export async function startBridgeProcess(options: BridgeProcessOptions): Promise<BridgeProcess> {
  const script = options.script ?? fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 });
  const last: string[] = [];
  const child = await spawnWatched({
    command: process.execPath,
    // A library of ours uses functions that Node has deprecated.
    args: [
      '--disable-warning=DEP0060',
      ...(options.nodeArguments ?? []),
      script,
      'run',
      '-c',
      options.configFile,
    ],
    stopSignal: 'TERM',
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: options.environment ?? process.env,
    onLine(line) {
      log.write(`${line}\n`);
      if (last.push(line) > 12) last.shift();
    },
  });
  void child.exited.then(() => log.end());
  await untilReady(child, options.webUrl, last);
  child.unref();
  return {
    pid: () => child.pid,
    exited: child.exited,
    async stop() {
      // The watchdog repeats its signal every second, and a second one ends a bridge at once. One that ended has no process.
      await child.kill('SIGTERM').catch(() => child.stop());
    },
    async kill(signal) {
      await child.kill(signal);
    },
  };
}

async function untilReady(child: WatchedChild, webUrl: string, last: readonly string[]): Promise<void> {
  const deadline = Date.now() + startLimit;
  const ended = child.exited.then(({ status }) => `ended with status ${status}`);
  let state = 'did not answer';
  while (Date.now() < deadline) {
    const outcome = await Promise.race([ended, readiness(webUrl)]);
    if (outcome === 'ready') return;
    state = outcome;
    if (outcome.startsWith('ended')) break;
    await sleep(50);
  }
  await child.stop();
  throw new Error(`The bridge ${state}. Its last lines:\n${last.join('\n')}`);
}

async function readiness(webUrl: string): Promise<string> {
  try {
    const response = await fetch(`${webUrl}/readyz`, { signal: AbortSignal.timeout(2000) });
    return response.ok ? 'ready' : `is not ready: ${(await response.text()).slice(0, 500)}`;
  } catch {
    return 'did not answer';
  }
}
