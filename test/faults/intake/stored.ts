import pg from 'pg';
import { seenKey } from '../../../src/store/keys.ts';

/** How many deliveries with these keys the bridge has stored, those apart that it gave up. */
export async function countStored(databaseUrl: string, keys: readonly string[]): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ stored: number }>(
      `select count(distinct delivery)::int as stored from inbox where delivery = any ($1) and state <> 'dead'`,
      [keys.map((key) => seenKey('delivery', key))],
    );
    return rows[0]?.stored ?? 0;
  } finally {
    await client.end();
  }
}
