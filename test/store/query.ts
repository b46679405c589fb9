import pg from 'pg';

/** What the database says, past the store. */
export async function query(url: string, text: string, values: unknown[] = []): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}
