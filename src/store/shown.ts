import { hash } from 'node:crypto';
import { z } from 'zod';
import { ts } from '../ids.ts';
import type { PortalId } from '../ids.ts';
import type { RaisedLevel, ShownField, ShownStore } from '../portal/ports.ts';
import type { Reader } from './reader.ts';

const agreed = {
  name: 'shown',
  text: 'select slack, matrix from shown where portal = $1 and field = $2',
};
const agreedRows = z.array(z.object({ slack: z.string(), matrix: z.string() }));

const agree = {
  name: 'agree_shown',
  text: `insert into shown (portal, field, slack, matrix) values ($1, $2, $3, $4)
    on conflict (portal, field) do update set slack = excluded.slack, matrix = excluded.matrix`,
};

const pins = {
  name: 'pins',
  text: `select ts, pinned, changed_ts as "changedTs", extract(epoch from changed_at)::float8 * 1000 as "changedAt"
    from pin where portal = $1 order by ts`,
};
const pinRows = z.array(
  z.object({
    ts: z.string().transform(ts),
    pinned: z.boolean(),
    changedTs: z.string(),
    changedAt: z.number(),
  }),
);

const setPin = {
  name: 'set_pin',
  text: `insert into pin as old (portal, ts, pinned, changed_ts) values ($1, $2, $3, $4)
    on conflict (portal, ts) do update set pinned = excluded.pinned, changed_at = clock_timestamp(),
      changed_ts = greatest(old.changed_ts, excluded.changed_ts)`,
};

const now = { name: 'shown_now', text: 'select extract(epoch from clock_timestamp())::float8 * 1000 as now' };
const nowRows = z.tuple([z.object({ now: z.number() })]);

const closedRoom = {
  name: 'closed_room',
  text: 'select levels::text as levels, applied from closed_room where portal = $1',
};
const closedRows = z.array(z.object({ levels: z.string(), applied: z.boolean() }));
const raisedLevels = z.array(
  z.object({
    path: z.union([z.tuple([z.string()]), z.tuple([z.string(), z.string()])]),
    before: z.number().optional(),
    raised: z.number(),
  }),
);

const closeRoom = {
  name: 'close_room',
  text: `insert into closed_room (portal, levels, applied) values ($1, $2, $3)
    on conflict (portal) do update set levels = excluded.levels, applied = excluded.applied`,
};
const openRoom = { name: 'open_room', text: 'delete from closed_room where portal = $1' };

/** What people wrote is kept as a hash alone: enough to see that it changed. */
export function createShown(reader: Reader): ShownStore {
  return {
    async unchanged(portal, field, { slack, matrix }) {
      const [row] = agreedRows.parse(await reader.query(agreed, [portal, field]));
      return (
        row && {
          slack: row.slack === shownKey(portal, field, slack),
          matrix: row.matrix === shownKey(portal, field, matrix),
        }
      );
    },
    async agree(portal, field, { slack, matrix }) {
      const keys = [shownKey(portal, field, slack), shownKey(portal, field, matrix)];
      await reader.query(agree, [portal, field, ...keys]);
    },
    pins: async (portal) => pinRows.parse(await reader.query(pins, [portal])),
    async setPin(portal, { ts, pinned, changedTs }) {
      await reader.query(setPin, [portal, ts, pinned, changedTs]);
    },
    now: async () => nowRows.parse(await reader.query(now, []))[0].now,
    async closedRoom(portal) {
      const [row] = closedRows.parse(await reader.query(closedRoom, [portal]));
      if (!row) return undefined;
      return { levels: raisedLevels.parse(JSON.parse(row.levels)).map(levelOf), applied: row.applied };
    },
    async setClosedRoom(portal, closed) {
      await (closed
        ? reader.query(closeRoom, [portal, JSON.stringify(closed.levels), closed.applied])
        : reader.query(openRoom, [portal]));
    },
  };
}

function levelOf({ path, before, raised }: z.infer<typeof raisedLevels>[number]): RaisedLevel {
  return before === undefined ? { path, raised } : { path, before, raised };
}

function shownKey(portal: PortalId, field: ShownField, value: string): string {
  const hex = hash('sha256', `shown\n${portal}\n${field}\n${value}`, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
