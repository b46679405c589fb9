import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A signal that asks the child to end in good order. */
export type StopSignal = 'INT' | 'TERM';

export interface WatchedChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Sent when the pipe closes, by `stop()` or by the end of this process. */
  readonly stopSignal: StopSignal;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The account to run as; absent: the same as this process. */
  readonly account?: { readonly uid: number; readonly gid: number };
  /** Each line the child writes to its standard output or error, without the line end. */
  readonly onLine: (line: string) => void;
}

/** How a child ended: its exit status, or 128 plus the number of the signal that ended it. */
export interface Exit {
  readonly status: number;
}

export interface WatchedChild {
  /** The process id of the child itself, not of its watchdog. */
  readonly pid: number;
  /** Settles when the child has ended. Never rejects. */
  readonly exited: Promise<Exit>;
  /** Sends the stop signal and waits until the child has ended. May be called again, also after the end. */
  stop(): Promise<Exit>;
  /** Sends the child a signal that ends it, and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<Exit>;
  /** From here on a process that has nothing else to do ends, and the child with it. */
  unref(): void;
}

/**
 * The shell that stands between us and the child. File descriptor 3 is a socket whose other end only the starting process
 * holds: however that process ends (a crash and SIGKILL too), the kernel closes it, `read` returns, and the child is told to stop.
 * The signal is repeated because a child that has not yet installed its handlers would miss the first one.
 */
const watchdog = `
signal=$1; shift
"$@" 3<&- &
child=$!
( read -r _ <&3
  while kill -s "$signal" "$child"; do sleep 1; done ) >/dev/null 2>&1 &
watcher=$!
echo "$child" >&3
exec 3<&-
trap 'kill -s "$signal" "$child"' HUP INT TERM
wait "$child"; status=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; status=$?; done
kill "$watcher" 2>/dev/null
exit "$status"
`;

/**
 * Starts a program that never outlives this process, however this process ends.
 *
 * It runs in a session of its own, so Ctrl-C in a terminal reaches only us. Needs a POSIX shell.
 *
 * @throws Error when the program's watchdog can't be started.
 */
export async function spawnWatched(options: WatchedChildOptions): Promise<WatchedChild> {
  const shell = spawn(
    '/bin/sh',
    ['-c', watchdog, 'watchdog', options.stopSignal, options.command, ...options.args],
    {
      cwd: options.cwd,
      env: options.env,
      ...(options.account && { uid: options.account.uid, gid: options.account.gid }),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    },
  );
  const pipe = shell.stdio[3];
  if (!(pipe instanceof Socket)) throw new Error('The watchdog has no pipe to this process.');
  forwardLines(shell, options.onLine);
  const exited = exitOf(shell, pipe);
  const pid = await firstNumber(pipe, shell);
  return {
    pid,
    exited,
    unref: () => unref(shell),
    async stop() {
      shell.ref();
      pipe.destroy();
      return exited;
    },
    async kill(signal) {
      shell.ref();
      process.kill(pid, signal);
      return exited;
    },
  };
}

function forwardLines(shell: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [shell.stdout, shell.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', onLine);
  }
}

async function exitOf(shell: ChildProcess, pipe: Socket): Promise<Exit> {
  return new Promise((resolve) => {
    // A pipe that breaks because its reader ended is the end we wait for, no error of its own.
    pipe.on('error', () => undefined);
    shell.once('exit', (code) => {
      pipe.destroy();
      resolve({ status: code ?? 128 });
    });
  });
}

/** The child's process id, which the watchdog writes first. */
async function firstNumber(pipe: Socket, shell: ChildProcess): Promise<number> {
  const failed = once(shell, 'exit').then(() => undefined);
  const chunk: unknown = await Promise.race([once(pipe, 'data').then(([data]: unknown[]) => data), failed]);
  const pid = Number(String(chunk).trim());
  if (!Number.isInteger(pid)) throw new Error('The watchdog ended before it started the program.');
  return pid;
}

function unref(shell: ChildProcess): void {
  shell.unref();
  for (const stream of shell.stdio) {
    if (stream instanceof Socket) stream.unref();
  }
}
