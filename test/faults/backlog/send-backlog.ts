import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BacklogPlan } from './plan.ts';

/**
 * Lets a process of its own send the events, and waits until all are acknowledged.
 *
 * @throws Error when that process fails.
 */
export async function sendBacklog(plan: BacklogPlan, said: (acknowledged: number) => void): Promise<void> {
  const program = fileURLToPath(new URL('generator.ts', import.meta.url));
  const child = fork(program, [JSON.stringify(plan)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let acknowledged = 0;
  child.on('message', (count) => {
    acknowledged = Number(count);
    said(acknowledged);
  });
  try {
    const [status] = (await once(child, 'exit')) as readonly unknown[]; // node's types say any
    if (status !== 0 || acknowledged < plan.events) {
      throw new Error(`The generator ended after ${acknowledged} of ${plan.events} events.`);
    }
  } finally {
    child.kill('SIGKILL');
  }
}
