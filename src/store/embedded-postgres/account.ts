import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { CannotStart } from '../../errors.ts';

const run = promisify(execFile);

/** An account of this machine, as PostgreSQL needs it when this process is root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account that PostgreSQL runs as: absent for a normal user (the same account), else `postgres` or `nobody`, because
 * PostgreSQL refuses to run as root. No account is ever created.
 *
 * @throws CannotStart when this process is root and the machine has neither account.
 */
export async function unprivilegedAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = await readFile('/etc/passwd', 'utf8');
  for (const name of ['postgres', 'nobody']) {
    const match = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(accounts);
    if (match) return { name, uid: Number(match[1]), gid: Number(match[2]) };
  }
  throw new CannotStart(
    'PostgreSQL does not run as root, and this machine has no account "postgres" or "nobody" to run it as. ' +
      'Start as a normal user, or set DATABASE_URL to a PostgreSQL server.',
  );
}

/** The options of a child process that runs as `account`. Starts in `/`, which every account can enter. */
export function runningAs(account: Account | undefined): { cwd: string; uid?: number; gid?: number } {
  return { cwd: '/', ...(account && { uid: account.uid, gid: account.gid }) };
}

/** Whether `account` can enter `folder`, all folders above it included. */
export async function canEnter(folder: string, account: Account | undefined): Promise<boolean> {
  return holds('test -x "$1"', folder, account);
}

/** Whether `account` can enter and write `folder`, all folders above it included. */
export async function canUse(folder: string, account: Account | undefined): Promise<boolean> {
  return holds('test -w "$1" && test -x "$1"', folder, account);
}

async function holds(condition: string, folder: string, account: Account | undefined): Promise<boolean> {
  try {
    await run('/bin/sh', ['-c', condition, 'sh', folder], runningAs(account));
    return true;
  } catch {
    return false; // `test` says no by its exit status
  }
}
