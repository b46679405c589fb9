import { execFile } from 'node:child_process';
import { chown, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CannotStart } from '../../errors.ts';
import { runningAs } from './account.ts';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { buildFolder, hasCode } from './build-folder.ts';

const run = promisify(execFile);

/** The role that owns everything. It needs no password: the socket's folder lets nobody else in. */
export const role = 'bridge';

/** Messages and sort order must not depend on this machine's language. */
export const environment: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C', PGTZ: 'UTC' };

/** How long a PostgreSQL that still runs on our data may take to end, in milliseconds. */
const patience = { running: 3_000, stopping: 60_000 };

/**
 * Makes the folder that holds PostgreSQL's data, unless it exists.
 *
 * @throws CannotStart when the data is of another major version, or can't be made.
 */
export async function ensureCluster(
  folder: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<void> {
  if ((await textOf(join(folder, 'PG_VERSION'))) === undefined) await initialise(folder, binaries, account);
  const major = (await textOf(join(folder, 'PG_VERSION')))?.trim();
  if (major === binaries.major) return;
  throw new CannotStart(
    `The data in ${folder} was written by PostgreSQL ${major ?? 'of an unknown version'}, but the installed one is ${binaries.version}. ` +
      'Dump it with the version of the bridge that wrote it and load the dump into a new folder, or set DATABASE_URL to a PostgreSQL server.',
  );
}

async function initialise(folder: string, binaries: Binaries, account: Account | undefined): Promise<void> {
  const options = ['-U', role, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-instructions'];
  await buildFolder(folder, async (unfinished) => {
    if (account) await chown(unfinished, account.uid, account.gid);
    try {
      await run(join(binaries.native, 'bin', 'initdb'), ['-D', unfinished, ...options], {
        ...runningAs(account),
        env: environment,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CannotStart(`PostgreSQL could not make its data folder ${folder}: ${reason}`, {
        cause: error,
      });
    }
  });
}

/**
 * Waits until no PostgreSQL runs on `folder`: one whose process was killed a moment ago is just being stopped by its watchdog.
 * Removes a pid file whose number belongs to another program by now, which PostgreSQL itself would take for a running server.
 *
 * @throws CannotStart when another process is using the data.
 */
export async function waitUntilFree(folder: string, onStale: (pid: number) => void): Promise<void> {
  const started = Date.now();
  for (;;) {
    const holder = await holderOf(folder);
    if (holder === undefined) return;
    if (!holder.isPostgres) {
      onStale(holder.pid);
      await rm(pidFile(folder), { force: true });
      return;
    }
    if (Date.now() - started > (holder.stopping ? patience.stopping : patience.running)) {
      throw new CannotStart(inUse(folder, holder.pid));
    }
    await sleep(50);
  }
}

/** What the operator reads when two processes want the same data. */
export function inUse(folder: string, pid?: number): string {
  const which = pid === undefined ? '' : ` (PostgreSQL has process id ${pid})`;
  return `Another process uses the database in ${folder}${which}. Is the bridge already running? Stop it first, or use another data folder.`;
}

interface Holder {
  readonly pid: number;
  /** Whether the process with this id is a PostgreSQL on this folder, not a program that got the number later. */
  readonly isPostgres: boolean;
  readonly stopping: boolean;
}

/** Who is named in the pid file, when that process runs. A file whose process is gone is left to PostgreSQL. */
async function holderOf(folder: string): Promise<Holder | undefined> {
  const lines = (await textOf(pidFile(folder)))?.split('\n');
  const pid = Number(lines?.[0]);
  if (!lines || !Number.isInteger(pid) || pid <= 0) return undefined;
  const command = await commandOf(pid);
  if (command === undefined) return undefined;
  return { pid, isPostgres: command.includes(folder), stopping: lines[7]?.trim() === 'stopping' };
}

/** The command line of a running process; absent when there is none. */
async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return textOf(`/proc/${pid}/cmdline`);
  try {
    return (await run('ps', ['-o', 'command=', '-p', String(pid)])).stdout;
  } catch {
    return undefined; // `ps` says by its exit status that there is no such process
  }
}

function pidFile(folder: string): string {
  return join(folder, 'postmaster.pid');
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}
