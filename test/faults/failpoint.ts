// Takes the place of src/failpoint.ts in a bridge that a test starts with `--conditions=failpoints`.
import { existsSync, readFileSync, renameSync } from 'node:fs';
import type { Failpoints } from '../../src/failpoint.ts';
import { failpointFile, namesOf } from './support/failpoint-names.ts';

const file = process.env[failpointFile] ?? '';
let armed = '';
let passes = 0;

/**
 * Ends the process at once, as a crash does, at the pass of a named point that the file tells: `NAME COUNT`. The file
 * is renamed to `….fired` then, so that the next process lives. Passes are counted from when the file is there.
 */
export function failpoint<Point extends keyof Failpoints>(point: Point, about: Failpoints[Point]): void {
  if (!existsSync(file)) return;
  const wanted = readFileSync(file, 'utf8');
  if (wanted !== armed) passes = 0;
  armed = wanted;
  const [name = '', count = ''] = wanted.split(' ');
  if (!namesOf(point, about).includes(name)) return;
  passes += 1;
  if (passes < Number(count)) return;
  try {
    renameSync(file, `${file}.fired`);
  } catch {
    return; // it was disarmed in this moment
  }
  process.kill(process.pid, 'SIGKILL');
}
