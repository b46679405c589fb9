import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { runningAs, unprivilegedAccount } from '../../src/store/embedded-postgres/account.ts';
import { installedBinaries, runnableBinaries } from '../../src/store/embedded-postgres/binaries.ts';
import type { Binaries } from '../../src/store/embedded-postgres/binaries.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const folder = temporaryFolder('binaries');
const account = await unprivilegedAccount();
const home = join(folder.path, 'home');
const copies = join(folder.path, 'copies');

/** As npm leaves them with install scripts off: without one symbolic link. */
async function asUnpacked(native: string): Promise<void> {
  await cp((await installedBinaries()).native, native, { recursive: true, verbatimSymlinks: true });
  for (const name of await readdir(join(native, 'lib'))) {
    const path = join(native, 'lib', name);
    if ((await lstat(path)).isSymbolicLink()) await rm(path);
  }
}

async function versionOf(binaries: Binaries): Promise<string> {
  return (await run(join(binaries.native, 'bin', 'postgres'), ['--version'], runningAs(account))).stdout;
}

before(async () => {
  await chmod(folder.path, 0o755);
  await mkdir(copies);
  await asUnpacked(join(home, 'native'));
});
after(async () => {
  await chmod(join(home, 'native', 'lib'), 0o755);
  await folder.remove();
});

describe("PostgreSQL's programs", () => {
  it('run from a copy where their folder is closed to the account or read-only, and the copy is used again', async () => {
    // root's own folder is closed to the account that PostgreSQL runs as; in one's own read-only folder the links are missing
    if (account) await chmod(home, 0o700);
    else await chmod(join(home, 'native', 'lib'), 0o555);
    const unpacked = { ...(await installedBinaries()), native: join(home, 'native') };

    const copied = await runnableBinaries(unpacked, copies, account);
    assert.ok(copied.native.startsWith(copies));
    assert.match(await versionOf(copied), /^postgres \(PostgreSQL\) \d+/);

    const { ino } = await lstat(copied.native);
    assert.deepEqual(await runnableBinaries(unpacked, copies, account), copied);
    assert.equal((await lstat(copied.native)).ino, ino);
  });

  it('run where they are once their libraries have their links', async () => {
    await chmod(home, 0o755);
    await chmod(join(home, 'native', 'lib'), 0o755);
    const unpacked = { ...(await installedBinaries()), native: join(home, 'native') };
    const found = await runnableBinaries(unpacked, copies, account);
    assert.equal(found.native, unpacked.native);
    assert.match(await versionOf(found), /^postgres \(PostgreSQL\) \d+/);
  });
});
