import pg from 'pg';
import { seenKey } from '../../../src/store/keys.ts';

/** In which order the bridge stored what people wrote in Matrix: numbers by event id. The inbox keeps what is done for days. */
export async function arrivalsInInbox(databaseUrl: string): Promise<ReadonlyMap<string, number>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ seq: string; delivery: string; event: string }>(
      `select seq, delivery, substr(event, 7) as event from inbox, unnest(about) event
       where network = 'matrix' and event like 'event:%'`,
    );
    // a row also names the events that its own event answers or changes
    const own = rows.filter(({ delivery, event }) => delivery === seenKey('delivery', `matrix:${event}`));
    return new Map(own.map(({ seq, event }) => [event, Number(seq)] as const));
  } finally {
    await client.end();
  }
}

/** The events of a room, in its order, that came after younger ones: the bridge keeps the order in which they come. */
export function lateAmong(
  events: readonly string[],
  arrivals: ReadonlyMap<string, number>,
): readonly string[] {
  let earliest = Infinity;
  const late: string[] = [];
  for (const event of events.toReversed()) {
    const arrival = arrivals.get(event);
    if (arrival === undefined) continue;
    if (arrival > earliest) late.push(event);
    else earliest = arrival;
  }
  return late;
}
