import { sleep } from '../clock.ts';
import type { Clock } from '../clock.ts';

const STEPS_PER_SECOND = 10;

/** The same bytes, so many a second. */
export async function* throttled(
  clock: Clock,
  content: AsyncIterable<Buffer>,
  bytesPerSecond: number,
): AsyncGenerator<Buffer> {
  const step = Math.max(1, Math.floor(bytesPerSecond / STEPS_PER_SECOND));
  const pause = (step / bytesPerSecond) * 1000;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length; at += step) {
      yield chunk.subarray(at, at + step);
      await sleep(clock, pause);
    }
  }
}

/** The first bytes only, as many as `most`. */
export async function* firstBytes(content: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let left = most;
  for await (const chunk of content) {
    if (left <= 0) return;
    yield chunk.subarray(0, left);
    left -= chunk.length;
  }
}
