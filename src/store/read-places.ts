import { z } from 'zod';
import { ts } from '../ids.ts';
import type { PortalId, Ts } from '../ids.ts';
import type { Reader } from './reader.ts';

/** Threads aren't part of what Slack calls read in a channel. */
const newestUpTo = {
  name: 'newest_up_to',
  text: `select ts from message
    where portal = $1 and ts <= $2 and thread_ts is null and event_id is not null and deleted_at is null
    order by portal desc, ts desc limit 1`,
};

const rows = z.array(z.object({ ts: z.string().transform(ts) }));

export interface ReadPlaces {
  /** The newest message of a channel, outside threads, that is bridged and no younger than this. */
  newestUpTo(portal: PortalId, at: Ts): Promise<Ts | undefined>;
}

export function createReadPlaces(reader: Reader): ReadPlaces {
  return {
    newestUpTo: async (portal, at) => rows.parse(await reader.query(newestUpTo, [portal, at]))[0]?.ts,
  };
}
