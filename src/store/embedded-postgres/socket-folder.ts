import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotStart } from '../../errors.ts';
import type { Account } from './account.ts';

/** The number that names the socket; nothing listens on a network. */
export const port = 5432;

/** The longest path of a unix socket in bytes: 107 on Linux, 103 on macOS. */
const longestPath = process.platform === 'darwin' ? 103 : 107;

/**
 * Makes the folder of the socket, which only its owner enters: in `parent`, or, where that path is too long for a socket, in /tmp
 * under a name made of it.
 *
 * @throws CannotStart when the folder in /tmp exists and belongs to somebody else.
 */
export async function makeSocketFolder(parent: string, account: Account | undefined): Promise<string> {
  const beside = join(parent, 'socket');
  const socket = join(beside, `.s.PGSQL.${port}`);
  const folder = Buffer.byteLength(socket) <= longestPath ? beside : join('/tmp', `msb-${digest(parent)}`);
  const owner = account?.uid ?? process.getuid?.();
  if (await mkdir(folder, { recursive: true, mode: 0o700 })) {
    if (account) await chown(folder, account.uid, account.gid);
  }
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== owner) {
    throw new CannotStart(
      `${folder}, the folder for PostgreSQL's socket, belongs to another account. Remove it and start again.`,
    );
  }
  await chmod(folder, 0o700);
  return folder;
}

/** Leaves nothing in /tmp; a folder inside `parent` stays for the next start. */
export async function removeSocketFolder(parent: string, folder: string): Promise<void> {
  if (!folder.startsWith(parent)) await rm(folder, { recursive: true, force: true });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
