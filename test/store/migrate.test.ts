import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CannotStart } from '../../src/errors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { freshDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { freePort } from '../support/ports.ts';
import { query } from './query.ts';

describe('migrations', () => {
  let database: TestDatabase;
  before(async () => {
    database = await freshDatabase();
  });
  after(() => database.drop());

  it('are applied once, also by two processes that start at the same time', async () => {
    await Promise.all([migrate({ url: database.url }), migrate({ url: database.url })]);
    await migrate({ url: database.url });
    const rows = await query(
      database.url,
      'select count(*)::int as applied, count(distinct number)::int as numbers from migration',
    );
    const [{ applied, numbers }] = rows as [{ applied: number; numbers: number }]; // the columns of the query
    assert.ok(applied >= 1);
    assert.equal(applied, numbers);
    assert.deepEqual(await query(database.url, 'select count(*)::int as items from inbox'), [{ items: 0 }]);
  });

  it('refuse a database that a newer version has migrated', async () => {
    await query(
      database.url,
      `insert into migration (number, name, checksum) values (900, '900_later.sql', 'x')`,
    );
    await assert.rejects(migrate({ url: database.url }), (error) => {
      assert.ok(error instanceof CannotStart);
      assert.match(error.message, /newer version \(migration 900\)/);
      return true;
    });
    await query(database.url, 'delete from migration where number = 900');
  });

  it('refuse a database that was made with other files', async () => {
    await query(database.url, `update migration set checksum = 'other' where number = 1`);
    await assert.rejects(migrate({ url: database.url }), (error) => {
      assert.ok(error instanceof CannotStart);
      assert.match(error.message, /001_initial\.sql is not the one/);
      return true;
    });
  });
});

describe('a database that cannot be used', () => {
  it('ends the start with one line that says what to do when nobody listens', async () => {
    const url = `postgresql://bridge:secret-word@127.0.0.1:${await freePort()}/bridge`;
    await assert.rejects(migrate({ url }), (error) => {
      assert.ok(error instanceof CannotStart);
      assert.match(error.message, /can't be reached .*ECONNREFUSED.*Start it, or correct DATABASE_URL/);
      assert.doesNotMatch(error.message, /secret-word|\n/);
      return true;
    });
  });

  it('ends the start with one line that says what to do when the database is missing', async () => {
    const database = await freshDatabase();
    await database.drop();
    await assert.rejects(migrate({ url: database.url }), (error) => {
      assert.ok(error instanceof CannotStart);
      assert.match(error.message, /no such database. Create it/);
      return true;
    });
  });

  it('ends the start with one line that says what to do when the address is none', async () => {
    await assert.rejects(migrate({ url: 'nowhere' }), CannotStart);
  });
});
