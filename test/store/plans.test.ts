import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type pg from 'pg';
import { connectClient } from '../../src/store/db.ts';
import { subjectsSql } from '../../src/store/link-queries.ts';
import { turnQuery } from '../../src/store/turn-statement.ts';
import { storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

// The tables are empty here: PostgreSQL left to itself would plan to read them from end to end, and keep that plan.
describe('a plan that was made while the tables were empty', () => {
  let bed: StoreBed;
  let client: pg.Client;
  before(async () => {
    bed = await storeBed();
    const store = await bed.open();
    await store.close();
    client = await connectClient({ url: bed.url }, 'test');
    await client.query('set plan_cache_mode = force_generic_plan');
  });
  after(async () => {
    await client.end();
    await bed.close();
  });

  async function tablesReadWhole(text: string, parameters: number): Promise<readonly string[]> {
    await client.query(`prepare asked as ${text}`);
    const values = Array.from({ length: parameters }, () => 'null').join(', ');
    const { rows } = await client.query<Record<string, string>>(`explain execute asked(${values})`);
    await client.query('deallocate asked');
    const lines = rows.map((row) => row['QUERY PLAN'] ?? '');
    assert.ok(lines.some((line) => line.includes('Index')));
    return lines.flatMap((line) => /Seq Scan on (\w+)/.exec(line)?.[1] ?? []);
  }

  it('for a turn looks up each row by an index', async () => {
    const { text, values } = turnQuery({ intake: [], work: [], lanes: [], owner: 'me' });
    assert.deepEqual(await tablesReadWhole(text, values.length), []);
  });

  it('for the messages that an event is about looks up each row by an index', async () => {
    assert.deepEqual(await tablesReadWhole(subjectsSql('$1::text[]'), 1), []);
  });
});
