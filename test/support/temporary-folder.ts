import { mkdtempSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../../src/store/embedded-postgres/build-folder.ts';

export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

const prefix = 'msb-test-';

/** A new folder that only this account can enter. Not below the project: other accounts may be unable to reach that. */
export function temporaryFolder(purpose: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-${purpose}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Removes the folders of test processes that were killed before they could do it. */
export async function removeAbandonedFolders(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix));
  const abandoned = names.filter((name) => !isRunning(Number.parseInt(name.slice(prefix.length), 10)));
  for (const name of abandoned) {
    // another account's are another account's to remove
    await rm(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
}
