import pg from 'pg';

/** What the database says, past the store. */
export async function query(url: string, text: string, values: unknown[] = []): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // a connection that is cut fails the query, too
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}
