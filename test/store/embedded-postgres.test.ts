import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import pg from 'pg';
import { CannotStart } from '../../src/errors.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import type { EmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { unprivilegedAccount } from '../../src/store/embedded-postgres/account.ts';
import { gone, killHard, postgresChild } from '../support/postgres-child.ts';
import { silentLog } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('embedded');
const account = await unprivilegedAccount();
if (account) await chmod(folder.path, 0o755); // the folders below are PostgreSQL's account's own
after(() => folder.remove());

const data = (name: string): string => join(folder.path, name);
const start = async (dataDir: string): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ dataDir, database: 'tests', log: silentLog });

async function query(url: string, statement: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  it('answers on a unix socket and no network, and keeps rows over a restart', async () => {
    const first = await start(data('restart'));
    const client = new pg.Client(first.connection);
    await client.connect();
    await client.query('create table notes (text text)');
    await client.query(`insert into notes values ('grüße 👋')`);
    await client.end();
    assert.deepEqual(await query(first.url, `select current_setting('listen_addresses') as tcp`), [
      { tcp: '' },
    ]);
    await first.stop();
    await first.stop();
    await gone(first.postmasterPid);

    const second = await start(data('restart'));
    assert.deepEqual(await query(second.url, 'select text from notes'), [{ text: 'grüße 👋' }]);
    await second.stop();
  });

  it('ends when its process is killed with SIGKILL, and the next start finds what was committed', async () => {
    const child = await postgresChild(data('killed'));
    await query(child.url, 'create table notes as select 1 as id');
    await killHard(child);
    const next = await start(data('killed')); // at once: PostgreSQL may still be stopping
    await gone(child.postmasterPid);
    assert.deepEqual(await query(next.url, 'select id from notes'), [{ id: 1 }]);
    await next.stop();
  });

  it('tells a second process that the data is in use, and does not disturb the first', async () => {
    const first = await start(data('shared'));
    const second = await postgresChild(data('shared'));
    assert.match(
      second.error,
      /Another process uses the database in .*shared.*Is the bridge already running\?/,
    );
    assert.deepEqual(await query(first.url, 'select 1 as alive'), [{ alive: 1 }]);
    await first.stop();
  });

  it('lets one of two processes win that start on a new folder at the same moment', async () => {
    const both = await Promise.all([postgresChild(data('race')), postgresChild(data('race'))]);
    const winners = both.filter((child) => child.error === '');
    assert.equal(winners.length, 1, both.map((child) => child.error).join('\n'));
    for (const child of winners) {
      assert.deepEqual(await query(child.url, 'select 1 as alive'), [{ alive: 1 }]);
      await killHard(child);
      await gone(child.postmasterPid);
    }
  });

  it('removes a pid file whose number belongs to another program by now', async () => {
    await (await start(data('stale'))).stop();
    const other = spawn('sleep', ['60'], account ? { uid: account.uid, gid: account.gid } : {});
    await writeFile(
      join(data('stale'), 'cluster', 'postmaster.pid'),
      `${other.pid}\n${data('stale')}/cluster\n`,
    );
    const postgres = await start(data('stale'));
    assert.deepEqual(await query(postgres.url, 'select 1 as alive'), [{ alive: 1 }]);
    await postgres.stop();
    other.kill();
  });

  it('recovers after PostgreSQL itself was killed, and reports that end', async () => {
    const first = await start(data('crash'));
    await query(first.url, 'create table notes as select 1 as id');
    const ended = new Promise((resolve) => first.onExit(resolve));
    process.kill(first.postmasterPid, 'SIGKILL');
    assert.deepEqual(await ended, { status: 128 + 9 });
    const second = await start(data('crash'));
    assert.deepEqual(await query(second.url, 'select id from notes'), [{ id: 1 }]);
    await second.stop();
  });

  it('does not report the end that stop() asked for', async () => {
    const postgres = await start(data('crash'));
    let reported = false;
    postgres.onExit(() => {
      reported = true;
    });
    await postgres.stop();
    assert.equal(reported, false);
  });
});

describe("the embedded PostgreSQL's data folder", () => {
  it('of another major version is refused with what to do', async () => {
    await (await start(data('old'))).stop();
    await writeFile(join(data('old'), 'cluster', 'PG_VERSION'), '11\n');
    await assert.rejects(start(data('old')), (error) => {
      assert.ok(error instanceof CannotStart);
      assert.match(
        error.message,
        /written by PostgreSQL 11, but the installed one is \d+.*Dump it.*DATABASE_URL/,
      );
      return true;
    });
  });

  it('is made afresh where an earlier first start was interrupted', async () => {
    const ended = spawn('true');
    await once(ended, 'exit');
    const left = join(data('interrupted'), `cluster.new-${ended.pid}`);
    await mkdir(left, { recursive: true });
    await writeFile(join(left, 'PG_VERSION'), '18\n');
    await (await start(data('interrupted'))).stop();
    assert.deepEqual(
      (await readdir(data('interrupted'))).filter((name) => name.startsWith('cluster')),
      ['cluster'],
    );
  });

  it('may be too long for a socket', async () => {
    const postgres = await start(join(data('long'), 'x'.repeat(120)));
    assert.ok(Buffer.byteLength(postgres.connection.host) < 100);
    assert.deepEqual(await query(postgres.url, 'select 1 as alive'), [{ alive: 1 }]);
    await postgres.stop();
  });

  it('is named when PostgreSQL cannot use it', async () => {
    const closed = data('closed');
    await mkdir(closed, { mode: account ? 0o700 : 0o500 });
    await assert.rejects(start(join(closed, 'data')), (error) => {
      assert.ok(error instanceof CannotStart);
      assert.match(error.message, /closed\/data/);
      return true;
    });
  });

  it('may be moved', async () => {
    const first = await start(data('before'));
    await query(first.url, 'create table notes as select 1 as id');
    await first.stop();
    await rename(data('before'), data('behind'));
    const second = await start(data('behind'));
    assert.deepEqual(await query(second.url, 'select id from notes'), [{ id: 1 }]);
    await second.stop();
  });
});
