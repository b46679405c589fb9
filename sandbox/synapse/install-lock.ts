import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, isRunning } from '../../src/store/embedded-postgres/build-folder.ts';

/**
 * Does `work` while no other process of this machine does it: the file `path` holds the id of the one that does.
 * A process that ended without removing its file is passed over. `onWait` is called once when another process has the turn.
 */
export async function takingTurns(
  path: string,
  onWait: () => void,
  work: () => Promise<void>,
): Promise<void> {
  for (let waits = 0; !(await take(path)); waits += 1) {
    if (waits === 0) onWait();
    await sleep(200);
  }
  try {
    await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const owner = Number(await readFile(path, 'utf8').catch(() => ''));
  // A file that is still empty was made a moment ago: its owner is about to write its id.
  if (owner > 0 && !isRunning(owner)) await rm(path, { force: true });
  return false;
}
