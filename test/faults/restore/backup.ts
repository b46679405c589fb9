import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A copy of a database as it was at one moment. */
export interface Backup {
  /** Puts it in the place of the database, as often as one likes. */
  restore(): Promise<void>;
  drop(): Promise<void>;
}

/** Nobody may be connected to the database meanwhile: neither here nor at a restore. */
export async function backUp(url: string): Promise<Backup> {
  const name = new URL(url).pathname.slice(1);
  const copy = `${name}_${randomBytes(3).toString('hex')}`;
  const drop = (database: string): string => `drop database if exists ${database} with (force)`;
  await execute(url, [`create database ${copy} template ${name}`]);
  return {
    restore: () => execute(url, [drop(name), `create database ${name} template ${copy}`]),
    drop: () => execute(url, [drop(copy)]),
  };
}

async function execute(url: string, statements: readonly string[]): Promise<void> {
  const server = new URL(url);
  server.pathname = '/postgres';
  const client = new pg.Client({ connectionString: server.href });
  await client.connect();
  try {
    for (const statement of statements) await untilAlone(() => client.query(statement));
  } finally {
    await client.end();
  }
}

const inUse = '55006';

/** A killed process's connections end a moment after it. */
async function untilAlone(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await work();
      return;
    } catch (error) {
      const isInUse = error instanceof pg.DatabaseError && error.code === inUse;
      if (!isInUse || tries === 50) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
  }
}
