/** After the nth failure in a row (from 1): full jitter below 1 s, 2 s, 4 s … up to `most` milliseconds. */
export function backoff(failures: number, most: number, random: () => number = Math.random): number {
  return Math.ceil(random() * Math.min(most, 1000 * 2 ** Math.min(failures - 1, 20)));
}
