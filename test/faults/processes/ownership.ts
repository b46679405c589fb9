import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Which process owns which lanes, as the database says. */
export interface Ownership {
  /** The names of the processes that live. */
  owners(): Promise<readonly string[]>;
  /** How many lanes each process that lives has. */
  shares(): Promise<readonly number[]>;
  /**
   * Watches, from now on, the lanes of a process that is gone or stands still, until others have all of those that have work.
   * How long that took, in milliseconds: of lanes without, and of lanes with a post that may have been under way.
   */
  takeover(owner: string, limit: number): Promise<{ readonly free: number; readonly posted: number }>;
  close(): Promise<void>;
}

interface Stuck {
  readonly lane: string;
  readonly posted: boolean;
}

const look = 100;

export async function openOwnership(databaseUrl: string): Promise<Ownership> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const stuck = async (owner: string): Promise<readonly Stuck[]> =>
    (
      await client.query<Stuck>(
        `select lane, has_open_post(lane) as posted from lane where owner = $1
         and exists (select from inbox where inbox.lane = lane.lane and state = 'ready')`,
        [owner],
      )
    ).rows;

  return {
    async owners() {
      const { rows } = await client.query<{ owner: string }>(
        'select owner from process where is_alive(owner) order by started_at',
      );
      return rows.map(({ owner }) => owner);
    },
    async shares() {
      const { rows } = await client.query<{ lanes: string }>(
        'select (select count(*) from lane where lane.owner = process.owner) as lanes from process where is_alive(owner)',
      );
      return rows.map(({ lanes }) => Number(lanes));
    },
    async takeover(owner, limit) {
      const begin = Date.now();
      const last = new Map<string, number>();
      const posted = new Set<string>();
      // A moment without work in them proves nothing: people go on writing.
      for (let empty = 0; empty < 20 && Date.now() - begin < limit;) {
        const lanes = await stuck(owner);
        empty = lanes.length === 0 ? empty + 1 : 0;
        for (const lane of lanes) {
          last.set(lane.lane, Date.now() - begin);
          if (lane.posted) posted.add(lane.lane);
        }
        await sleep(look);
      }
      const times = [...last];
      const most = (chosen: typeof times): number => Math.max(0, ...chosen.map(([, time]) => time));
      return {
        free: most(times.filter(([lane]) => !posted.has(lane))),
        posted: most(times.filter(([lane]) => posted.has(lane))),
      };
    },
    close: () => client.end(),
  };
}
