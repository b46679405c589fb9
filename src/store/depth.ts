import { z } from 'zod';
import type { PortalId } from '../ids.ts';
import type { Reader } from './reader.ts';
import { portalLanes } from './route.ts';

/** What waits in the inbox. */
export interface Depth {
  readonly toMatrix: Waiting;
  readonly toSlack: Waiting;
  readonly parked: number;
  readonly dead: number;
}

export interface Waiting {
  readonly items: number;
  /** When the oldest came, milliseconds since 1970; absent when nothing waits. */
  readonly oldest?: number;
}

const columns = `network, state, count(*) as items, extract(epoch from min(received_at))::float8 * 1000 as oldest`;

/** Beside all that is done a week long little waits: one part for each state, since each has an index of its own. */
const ofAll = {
  name: 'depth',
  text: `select ${columns} from inbox where state = 'ready' group by network, state
    union all
    select ${columns} from inbox where state = 'parked' group by network, state
    union all
    select network, 'dead', count(*), null
    from dead_letter cross join lateral (select network, state from inbox where inbox.seq = dead_letter.seq offset 0) letter
    where state = 'dead' group by network`,
};

const ofLanes = {
  name: 'depth_of_lanes',
  text: `select ${columns} from inbox where lane = any($1) and state <> 'done' group by network, state`,
};

const rows = z.array(
  z.object({
    network: z.enum(['slack', 'matrix']),
    state: z.enum(['ready', 'parked', 'dead']),
    items: z.number(),
    oldest: z.number().nullable(),
  }),
);

/** Nobody waits for who comes and goes. */
const waitedFor = portalLanes.filter((lane) => lane !== 'members');

/** Of one portal, or of the whole bridge. */
export async function readDepth(reader: Reader, portal?: PortalId): Promise<Depth> {
  const found = rows.parse(
    portal === undefined
      ? await reader.query(ofAll, [])
      : await reader.query(ofLanes, [waitedFor.map((lane) => `portal:${portal}:${lane}`)]),
  );
  const sum = (state: string): number =>
    found.filter((row) => row.state === state).reduce((total, { items }) => total + items, 0);
  const waiting = (network: string): Waiting => {
    const row = found.find((one) => one.network === network && one.state === 'ready');
    return row ? { items: row.items, ...(row.oldest !== null && { oldest: row.oldest }) } : { items: 0 };
  };
  return {
    toMatrix: waiting('slack'),
    toSlack: waiting('matrix'),
    parked: sum('parked'),
    dead: sum('dead'),
  };
}
