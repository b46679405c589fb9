import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';
import { z } from 'zod';
import { CannotStart } from '../errors.ts';
import type { DatabaseConnection } from './db.ts';
import { firstClient } from './db.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const folder = new URL('./migrations/', import.meta.url);

/** Held while a process migrates or checks keys, so that two that start at once don't meet. */
const lockKey = 7_306_471_101;

const applied = z.array(z.object({ number: z.number(), checksum: z.string() }));

/**
 * Brings the database up to date: numbered files, each once, forward only, each in a transaction of its own. Two
 * processes may do this at once: one waits for the other.
 *
 * @throws CannotStart when the database can't be reached, or was migrated by a newer version, or by other files.
 */
export async function migrate(connection: DatabaseConnection): Promise<void> {
  const client = await firstClient(connection);
  try {
    await withStartLock(client, () => applyMigrations(client));
  } finally {
    await client.end();
  }
}

/** Runs `work` while no other process is starting on this database. */
export async function withStartLock<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('select pg_advisory_lock($1)', [lockKey]);
  try {
    return await work();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [lockKey]);
  }
}

async function applyMigrations(client: pg.Client): Promise<void> {
  await client.query(`
    create table if not exists migration (
      number     integer primary key,
      name       text not null,
      checksum   text not null,
      applied_at timestamptz not null default now()
    )`);
  const done = applied.parse((await client.query('select number, checksum from migration')).rows);
  const migrations = await readMigrations();
  check(migrations, done);
  for (const migration of migrations.slice(done.length)) await apply(client, migration);
}

function check(migrations: readonly Migration[], done: z.infer<typeof applied>): void {
  for (const { number, checksum } of done) {
    const migration = migrations[number - 1];
    if (!migration) {
      throw new CannotStart(
        `The database is of a newer version (migration ${number}) than this bridge (${migrations.length}). Start the newer version.`,
      );
    }
    if (migration.checksum !== checksum) {
      throw new CannotStart(
        `Migration ${migration.name} is not the one that this database was made with. Start the released version of the bridge.`,
      );
    }
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query('insert into migration (number, name, checksum) values ($1, $2, $3)', [
      migration.number,
      migration.name,
      migration.checksum,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  return Promise.all(
    names.map(async (name, index) => {
      const number = Number(/^(\d{3})_/.exec(name)?.[1]);
      if (number !== index + 1) throw new Error(`migration ${name} is out of order`);
      const sql = await readFile(new URL(name, folder), 'utf8');
      return { number, name, sql, checksum: hash('sha256', sql, 'hex') };
    }),
  );
}
