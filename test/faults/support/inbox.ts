import { z } from 'zod';
import { query } from '../../store/query.ts';

/** How many events in the bridge's inbox aren't done. */
export interface Waiting {
  /** Those that could be handled now, by the network that they came from. */
  readonly matrix: number;
  readonly slack: number;
  /** Those that wait for a message. */
  readonly parked: number;
}

const row = z.object({ network: z.enum(['matrix', 'slack']), state: z.string(), items: z.number() });

/** Asks the database itself, whichever processes of the bridge there are. */
export async function readWaiting(databaseUrl: string): Promise<Waiting> {
  const rows = await query(
    databaseUrl,
    `select network, state, count(*)::int as items from inbox where state in ('ready', 'parked') group by network, state`,
  );
  const found = rows.map((each) => row.parse(each));
  const sum = (wanted: (each: z.infer<typeof row>) => boolean): number =>
    found.filter(wanted).reduce((total, { items }) => total + items, 0);
  return {
    matrix: sum(({ network, state }) => network === 'matrix' && state === 'ready'),
    slack: sum(({ network, state }) => network === 'slack' && state === 'ready'),
    parked: sum(({ state }) => state === 'parked'),
  };
}

/** All events that aren't done. */
export async function countWaiting(databaseUrl: string): Promise<number> {
  const { matrix, slack, parked } = await readWaiting(databaseUrl);
  return matrix + slack + parked;
}

/** What waits for a message has waited long enough. */
export async function endPatience(databaseUrl: string): Promise<void> {
  await query(databaseUrl, `update inbox set not_before = now() where state = 'parked'`);
}
