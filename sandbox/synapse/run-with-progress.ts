import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Outcome {
  /** The exit status; absent when the program could not be started (it isn't installed) or a signal ended it. */
  readonly status: number | undefined;
  /** The last lines of its output and its errors. */
  readonly lines: readonly string[];
}

/** Runs a program to its end and passes on each line that it writes. Never rejects. */
export async function runWithProgress(
  command: string,
  args: readonly string[],
  onLine: (line: string) => void = () => undefined,
): Promise<Outcome> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      if (lines.push(line) > 40) lines.shift();
      onLine(line);
    });
  }
  try {
    await once(child, 'close');
  } catch (error) {
    return { status: undefined, lines: [...lines, String(error)] };
  }
  return { status: child.exitCode ?? undefined, lines };
}
