import pg from 'pg';
import { seenKey } from '../../../src/store/keys.ts';

/** When the bridge had all that it needs for what people wrote, by the message's name. The inbox keeps what is done for days. */
export type Arrivals = ReadonlyMap<string, Arrival>;

export interface Arrival {
  /** In which order things were stored; infinite where the root came later: what came meanwhile passes the reply that waits. */
  readonly number: number;
  /** What came then: the message, or the root of its thread, which it has to wait for. */
  readonly of: string;
  /** The root of its thread, if it isn't that itself. */
  readonly root?: string;
}

interface Stored {
  readonly number: number;
  readonly name: string;
  readonly root: string | undefined;
}

/** What people wrote in Matrix, by event id. */
export async function arrivalsFromMatrix(databaseUrl: string): Promise<Arrivals> {
  const rows = await query<{ seq: string; delivery: string; about: readonly string[] }>(
    databaseUrl,
    `select seq, delivery, about from inbox where network = 'matrix'`,
  );
  return arrivalsOf(
    rows.flatMap(({ seq, delivery, about }) => {
      const events = about.filter((key) => key.startsWith('event:')).map((key) => key.slice('event:'.length));
      // a row also names the events that its own event answers or changes
      const name = events.find((event) => delivery === seenKey('delivery', `matrix:${event}`));
      return name === undefined ? [] : [{ number: Number(seq), name, root: besides(events, name) }];
    }),
  );
}

/** What people wrote in Slack, by channel and ts with a space between. */
export async function arrivalsFromSlack(databaseUrl: string): Promise<Arrivals> {
  const rows = await query<{ seq: string; channel: string; subject: string; about: readonly string[] }>(
    databaseUrl,
    `select seq, channel, subject, about
     from inbox join portal_channel on lane = 'portal:' || portal || ':slack' where subject is not null`,
  );
  return arrivalsOf(
    rows.map(({ seq, channel, subject, about }) => {
      const times = about.map((key) => key.slice(key.lastIndexOf(':') + 1));
      const root = besides(times, subject);
      return {
        number: Number(seq),
        name: `${channel} ${subject}`,
        root: root === undefined ? undefined : `${channel} ${root}`,
      };
    }),
  );
}

/** The root of its thread is the first that a message names besides itself. */
function besides(names: readonly string[], own: string): string | undefined {
  return names.find((name) => name !== own);
}

function arrivalsOf(stored: readonly Stored[]): Arrivals {
  const numbers = new Map(stored.map(({ name, number }) => [name, number] as const));
  return new Map(
    stored.map(({ name, number, root }) => {
      const ofRoot = numbers.get(root ?? name) ?? number;
      const arrival = ofRoot > number ? { number: Infinity, of: root ?? name } : { number, of: name };
      return [name, { ...arrival, ...(root !== undefined && { root }) }] as const;
    }),
  );
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
    const arrival = arrivals.get(message)?.number;
    if (arrival === undefined) continue;
    if (arrival > earliest) late.push(message);
    else earliest = arrival;
  }
  return late;
}
