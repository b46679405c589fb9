import pg from 'pg';
import { migrate } from '../../../src/store/migrate.ts';
import { names } from './names.ts';

/** What a bridge's database already holds. */
export interface Seed {
  readonly portals: number;
  readonly ghosts: number;
  /** Of the oldest messages that a bridge has brought over, spread evenly over the portals. */
  readonly messages: number;
}

/** Makes the tables and puts in what a bridge that has run for a while would have. */
export async function seedDatabase(url: string, seed: Seed): Promise<void> {
  await migrate({ url });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `insert into portal (room_id, status, since)
      select '!bench' || lpad((n - 1)::text, 5, '0') || ':' || $2, 'live', '1000000000.000000' from generate_series(1, $1::int) n order by n`,
      [seed.portals, names.server],
    );
    await client.query(
      `insert into portal_channel (team, channel, portal, name)
      select $1, 'C0BENCH' || lpad((id - 1)::text, 5, '0'), id, 'bench-' || id from portal`,
      [names.team],
    );
    await client.query(
      `insert into ghost (localpart, author, team, device_id, name)
      select 'slack1_u0known' || n, 'U0KNOWN' || n, $1, upper(substr(md5(n::text), 1, 16)), 'Person ' || n
      from generate_series(1, $2::int) n`,
      [names.team, seed.ghosts],
    );
    await client.query(
      `insert into message (portal, ts, part, event_id, room_id, origin, source, sender, posted_as, sent_at)
      select 1 + n % $1::int, (1600000000 + n) || '.000100', 'text', '$' || md5(n::text) || md5((-n)::text),
        '!bench' || lpad((n % $1::int)::text, 5, '0') || ':' || $3, 'slack', 'live', 'U0KNOWN' || n % 10000,
        '@slack1_u0known' || n % 10000 || ':' || $3, now() - interval '1 day'
      from generate_series(1, $2::int) n`,
      [seed.portals, seed.messages, names.server],
    );
    // PostgreSQL itself never looks at a table in which nothing is yet
    await client.query('vacuum analyze portal, portal_channel, ghost');
    if (seed.messages > 0) await client.query('vacuum analyze message');
  } finally {
    await client.end();
  }
}
