import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const program = fileURLToPath(new URL('postgres-process.ts', import.meta.url));
const report = z.object({
  url: z.string().default(''),
  postmasterPid: z.number().default(0),
  error: z.string().default(''),
});

/** A node process with an embedded PostgreSQL, to be killed. */
export interface PostgresChild extends z.infer<typeof report> {
  readonly process: ChildProcess;
}

/** Starts the process and waits for what it says: a URL and a process id, or an error. */
export async function postgresChild(dataDir: string): Promise<PostgresChild> {
  const child = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const received: unknown[] = await once(lines, 'line');
  return { process: child, ...report.parse(JSON.parse(String(received[0]))) };
}

/** SIGKILL: nothing in that process can clean up. */
export async function killHard(child: PostgresChild): Promise<void> {
  const exited = once(child.process, 'exit');
  child.process.kill('SIGKILL');
  await exited;
}

/** Waits until no process has this id. */
export async function gone(pid: number): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(20);
  }
  throw new Error(`Process ${pid} still runs after 10 s.`);
}
