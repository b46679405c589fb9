import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pg from 'pg';
import { freshDatabase } from './database.ts';

async function query(url: string, statement: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('a database for a test file', () => {
  it('is empty, and nobody else sees what is written to it', async () => {
    const [one, other] = await Promise.all([freshDatabase(), freshDatabase()]);
    await query(one.url, 'create table notes (id int)');
    assert.deepEqual(await query(other.url, `select to_regclass('notes') as found`), [{ found: null }]);
    await Promise.all([one.drop(), other.drop()]);
  });

  it('is a copy of a template that is migrated once', async () => {
    let migrations = 0;
    const notes = {
      name: `notes_${process.pid}`,
      async migrate(url: string) {
        migrations += 1;
        await query(url, 'create table notes (id int)');
      },
    };
    const databases = await Promise.all([freshDatabase(notes), freshDatabase(notes), freshDatabase(notes)]);
    for (const { url } of databases) {
      assert.deepEqual(await query(url, 'select count(*)::int as rows from notes'), [{ rows: 0 }]);
    }
    assert.equal(migrations, 1);
    await Promise.all(databases.map((database) => database.drop()));
  });

  it('can be dropped while somebody is connected to it', async () => {
    const database = await freshDatabase();
    const client = new pg.Client({ connectionString: database.url });
    client.on('error', () => undefined);
    await client.connect();
    await database.drop();
    await assert.rejects(client.query('select 1'));
    await client.end();
  });
});
