import { z } from 'zod';
import { portalId, ts } from '../ids.ts';
import type { PortalId, TeamId, Ts } from '../ids.ts';
import type { CatchUpStore, Place } from '../portal/catch-up-ports.ts';
import { createKnownMessages } from './known-messages.ts';
import type { Reader } from './reader.ts';
import { factKey } from './route.ts';
import { seenNames } from './seen.ts';

const activeThreads = {
  name: 'active_threads',
  text: `select thread_ts as root from message
    where portal = $1 and ts >= $2 and thread_ts is not null and deleted_at is null
    group by thread_ts order by max(ts) desc`,
};
const roots = z.array(z.object({ root: z.string().transform(ts) }));

/** Parked ones too: they are handled in the end. */
const undone = `lane = 'portal:' || $1::bigint || ':slack' and state in ('ready', 'parked')`;
const waitingUpTo = {
  name: 'waiting_up_to',
  text: `select max(seq)::text as seq from inbox where ${undone}`,
};
const isWaiting = {
  name: 'is_waiting',
  text: `select 1 from inbox where ${undone} and seq <= $2::bigint limit 1`,
};
const places = z.array(z.object({ seq: z.string().nullable() }));

const cursors = {
  name: 'history_cursors',
  text: `select portal, history_ts as "historyTs", extract(epoch from swept_at)::float8 * 1000 as "sweptAt" from cursor`,
};
const cursorRows = z.array(
  z.object({
    portal: z.number().transform(portalId),
    historyTs: z.string().transform(ts).nullable(),
    sweptAt: z.number().nullable(),
  }),
);

const readUpTo = {
  name: 'read_up_to',
  text: `insert into cursor (portal, history_ts) values ($1, $2)
    on conflict (portal) do update set history_ts = greatest(cursor.history_ts, excluded.history_ts)`,
};

const takeSweep = {
  name: 'take_sweep',
  text: `insert into cursor (portal, swept_at) values ($1, now())
    on conflict (portal) do update set swept_at = excluded.swept_at
    where cursor.swept_at is null or cursor.swept_at < now() - $2::float8 * interval '1 millisecond'
    returning portal`,
};

const heardAgo = {
  name: 'heard_ago',
  text: 'select extract(epoch from now() - at)::float8 * 1000 as ago from hearing where team = $1',
};
const ages = z.array(z.object({ ago: z.number() }));

const hears = {
  name: 'hears',
  text: `insert into hearing (team, at) select team, now() from unnest($1::text[]) as t(team)
    on conflict (team) do update set at = greatest(hearing.at, excluded.at)`,
};

export function createCatchUpState(reader: Reader): CatchUpStore {
  return {
    ...createKnownMessages(reader),
    activeThreads: async (portal: PortalId, since: Ts) =>
      roots.parse(await reader.query(activeThreads, [portal, since])).map(({ root }) => root),
    async waitingUpTo(portal) {
      const seq = places.parse(await reader.query(waitingUpTo, [portal]))[0]?.seq ?? undefined;
      return seq === undefined ? undefined : (seq as Place); // the only place that makes one
    },
    isWaiting: async (portal, upTo) => (await reader.query(isWaiting, [portal, upTo])).length > 0,
    seenFacts: (portal, facts) => seenNames(reader, facts, (fact) => factKey(portal, fact)),
    async cursors() {
      const rows = cursorRows.parse(await reader.query(cursors, []));
      return new Map(
        rows.map(({ portal, historyTs, sweptAt }) => [
          portal,
          { ...(historyTs !== null && { historyTs }), ...(sweptAt !== null && { sweptAt }) },
        ]),
      );
    },
    async readUpTo(portal, newest) {
      await reader.query(readUpTo, [portal, newest]);
    },
    takeSweep: async (portal, within) => (await reader.query(takeSweep, [portal, within])).length > 0,
    heardAgo: async (team: TeamId) => ages.parse(await reader.query(heardAgo, [team]))[0]?.ago,
    async hears(teams) {
      await reader.query(hears, [teams]);
    },
  };
}
