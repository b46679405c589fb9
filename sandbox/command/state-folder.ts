import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canEnter, unprivilegedAccount } from '../../src/store/embedded-postgres/account.ts';

/**
 * Where the sandbox keeps everything: the folder that was asked for, else `data/sandbox` in the project. Root's
 * PostgreSQL runs as another account, which can't reach a project below a closed home: then a folder below /var/tmp.
 */
export async function stateFolder(asked: string | undefined): Promise<string> {
  if (asked !== undefined) return resolve(asked);
  const project = fileURLToPath(new URL('../..', import.meta.url));
  if (await canEnter(project, await unprivilegedAccount())) return join(project, 'data', 'sandbox');
  const name = createHash('sha256').update(project).digest('hex').slice(0, 12);
  return join('/var/tmp', `matrix-slack-bridge-sandbox-${name}`);
}

/** The secrets in it are in files of their own, closed to others; PostgreSQL's account has to pass through. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o711 });
}
