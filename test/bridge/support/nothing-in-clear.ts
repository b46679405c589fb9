import pg from 'pg';
import { z } from 'zod';
import { matrixEvent } from '../../../sandbox/matrix-user/event.ts';
import type { MatrixEvent } from '../../../sandbox/matrix-user/event.ts';
import type { MatrixUser } from '../../../sandbox/matrix-user.ts';

/** The events of a room since it is encrypted, as the homeserver has them, newest first. */
export async function eventsSinceEncryption(
  person: MatrixUser,
  room: string,
): Promise<readonly MatrixEvent[]> {
  const path = `/rooms/${encodeURIComponent(room)}/messages`;
  const answer = await person.api.call('GET', path, { query: { dir: 'b', limit: 1000 } });
  const { chunk } = z.object({ chunk: z.array(matrixEvent) }).parse(answer);
  return chunk.slice(
    0,
    chunk.findIndex(({ type }) => type === 'm.room.encryption'),
  );
}

const table = z.object({ name: z.string() });

/** The tables of a database in which a text stands, in any column, also as bytes. */
export async function tablesWith(databaseUrl: string, text: string): Promise<readonly string[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const { rows } = await client.query(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const found: string[] = [];
    for (const { name } of z.array(table).parse(rows)) {
      // A whole row as text shows bytes in hexadecimal.
      const { rowCount } = await client.query(
        `select 1 from ${name} as line where line::text like $1 or line::text like $2 limit 1`,
        [`%${text}%`, `%${Buffer.from(text).toString('hex')}%`],
      );
      if (rowCount !== 0) found.push(name);
    }
    return found;
  } finally {
    await client.end();
  }
}
