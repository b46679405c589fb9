import pg from 'pg';
import { seenKey } from '../../../src/store/keys.ts';

/** In which order the bridge stored what people wrote: numbers by the message's name. The inbox keeps what is done for days. */
export type Arrivals = ReadonlyMap<string, number>;

/** What people wrote in Matrix, by event id. */
export async function arrivalsFromMatrix(databaseUrl: string): Promise<Arrivals> {
  const rows = await query<{ seq: string; delivery: string; event: string }>(
    databaseUrl,
    `select seq, delivery, substr(event, 7) as event from inbox, unnest(about) event
     where network = 'matrix' and event like 'event:%'`,
  );
  // a row also names the events that its own event answers or changes
  const own = rows.filter(({ delivery, event }) => delivery === seenKey('delivery', `matrix:${event}`));
  return new Map(own.map(({ seq, event }) => [event, Number(seq)] as const));
}

/** What people wrote in Slack, by channel and ts with a space between. */
export async function arrivalsFromSlack(databaseUrl: string): Promise<Arrivals> {
  const rows = await query<{ seq: string; message: string }>(
    databaseUrl,
    `select seq, channel || ' ' || subject as message
     from inbox join portal_channel on lane = 'portal:' || portal || ':slack' where subject is not null`,
  );
  return new Map(rows.map(({ seq, message }) => [message, Number(seq)] as const));
}

/** What no event told and the channel's history did, by channel and ts with a space between. */
export async function foundInHistory(databaseUrl: string): Promise<ReadonlySet<string>> {
  const rows = await query<{ message: string }>(
    databaseUrl,
    `select channel || ' ' || ts as message from message join portal_channel using (portal) where source = 'catch-up'`,
  );
  return new Set(rows.map(({ message }) => message));
}

async function query<Row extends pg.QueryResultRow>(
  databaseUrl: string,
  text: string,
): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(text);
    return rows;
  } finally {
    await client.end();
  }
}

/** The messages of a room or channel, in its order, that came after younger ones: the bridge keeps the order in which they come. */
export function lateAmong(messages: readonly string[], arrivals: Arrivals): readonly string[] {
  let earliest = Infinity;
  const late: string[] = [];
  for (const message of messages.toReversed()) {
    const arrival = arrivals.get(message);
    if (arrival === undefined) continue;
    if (arrival > earliest) late.push(message);
    else earliest = arrival;
  }
  return late;
}
