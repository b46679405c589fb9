import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Looks again and again until something is found, or `true`.
 *
 * @param describe what there was instead, for the error.
 * @param every milliseconds between two looks; more where a look is much work.
 */
export async function eventually<Found>(
  look: () => Found | undefined | false | Promise<Found | undefined | false>,
  describe: () => string,
  timeout = 15_000,
  every = 20,
): Promise<Found> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${timeout} ms in vain. ${describe()}`);
    await sleep(every);
  }
}
