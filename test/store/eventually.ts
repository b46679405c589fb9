import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for what another process hears of. */
export async function eventually(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it never came true');
    await sleep(5);
  }
}
