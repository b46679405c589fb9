import { z } from 'zod';
import { eventId, roomId } from '../ids.ts';
import type { EventId } from '../ids.ts';
import type { Network } from '../queue/ports.ts';
import type { WaitingMark } from '../portal/waiting-ports.ts';
import { payloadPlace } from './inbox.ts';
import type { Reader } from './reader.ts';
import type { Sealing } from './sealing.ts';

/** An item that waits, as it came in. Its payload is absent where its seal is broken. */
export interface LateItem {
  readonly seq: number;
  readonly from: Network;
  readonly payload?: Buffer;
}

/** What waits for long, and what says so. See `WaitingStore`. */
export interface WaitingRows {
  late(
    lanes: readonly string[],
    milliseconds: number,
    most: { readonly items: number; readonly counted: number },
  ): Promise<ReadonlyMap<string, { readonly items: readonly LateItem[]; readonly total: number }>>;
  marks(milliseconds: number): Promise<readonly (WaitingMark & { readonly over: boolean })[]>;
  begin(mark: WaitingMark): Promise<boolean>;
  placed(mark: WaitingMark, event: EventId): Promise<void>;
  remove(mark: WaitingMark): Promise<void>;
}

const isLate = (milliseconds: string): string =>
  `w.state = 'ready' and w.received_at < now() - ${milliseconds} * interval '1 ms'`;

const late = {
  name: 'late_items',
  text: `select asked.lane, item.*, counted.total
    from unnest($1::text[]) as asked(lane)
    cross join lateral (
      select w.seq, w.network as from, w.delivery::text, w.payload from inbox w
      where w.lane = asked.lane and ${isLate('$2::float8')} order by w.src_ts, w.seq limit $3
    ) item
    cross join lateral (
      select count(*) as total from (
        select from inbox w where w.lane = asked.lane and w.state = 'ready' limit $4
      ) of_lane
    ) counted`,
};

const lateRows = z.array(
  z.object({
    lane: z.string(),
    seq: z.number(),
    from: z.enum(['slack', 'matrix']),
    delivery: z.string(),
    payload: z.instanceof(Buffer).nullable(),
    total: z.number(),
  }),
);

/** The oldest first. Who was told isn't told again when the same comes back within minutes. */
const marks = {
  name: 'waiting_marks',
  text: `select m.lane, m.kind, m.subject, m.room_id as room, m.target, m.event_id as event,
      extract(epoch from m.at)::float8 * 1000 as at,
      case m.kind
        when 'reaction' then not exists (
          select from inbox w where w.seq = m.subject::bigint and w.state in ('ready', 'parked'))
        else not exists (select from inbox w where w.lane = m.lane and ${isLate('$1::float8')})
          and (m.kind = 'notice' or m.at < now() - interval '10 minutes')
      end as over
    from waiting_mark m order by m.at`,
};

const markRows = z.array(
  z.object({
    lane: z.string(),
    kind: z.enum(['reaction', 'notice', 'told']),
    subject: z.string(),
    room: z.string().transform(roomId),
    target: z.string().transform(eventId).nullable(),
    event: z.string().transform(eventId).nullable(),
    at: z.number().transform(Math.round),
    over: z.boolean(),
  }),
);

const begin = {
  name: 'begin_waiting_mark',
  text: `insert into waiting_mark (lane, kind, subject, room_id, target, at)
    values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000)) on conflict do nothing returning 1`,
};

const placed = {
  name: 'waiting_mark_placed',
  text: 'update waiting_mark set event_id = $4 where (lane, kind, subject) = ($1, $2, $3)',
};

const remove = {
  name: 'remove_waiting_mark',
  text: 'delete from waiting_mark where (lane, kind, subject) = ($1, $2, $3)',
};

export function createWaiting(reader: Reader, sealing: Sealing): WaitingRows {
  return {
    async late(lanes, milliseconds, { items, counted }) {
      const rows = lateRows.parse(await reader.query(late, [lanes, milliseconds, items, counted]));
      const byLane = Map.groupBy(rows, ({ lane }) => lane);
      return new Map(
        [...byLane].map(([lane, found]) => [
          lane,
          { items: found.map((row) => itemOf(sealing, row)), total: found[0]?.total ?? 0 },
        ]),
      );
    },
    async marks(milliseconds) {
      const rows = markRows.parse(await reader.query(marks, [milliseconds]));
      return rows.map(markOf);
    },
    async begin({ lane, kind, subject, room, target, at }) {
      return (await reader.query(begin, [lane, kind, subject, room, target ?? null, at])).length > 0;
    },
    async placed({ lane, kind, subject }, event) {
      await reader.query(placed, [lane, kind, subject, event]);
    },
    async remove({ lane, kind, subject }) {
      await reader.query(remove, [lane, kind, subject]);
    },
  };
}

function markOf({ target, event, ...mark }: z.infer<typeof markRows>[number]) {
  return { ...mark, ...(target !== null && { target }), ...(event !== null && { event }) };
}

function itemOf(
  sealing: Sealing,
  { seq, from, delivery, payload }: z.infer<typeof lateRows>[number],
): LateItem {
  if (payload === null) return { seq, from };
  try {
    return { seq, from, payload: sealing.open(payload, payloadPlace(delivery)) };
  } catch {
    return { seq, from }; // its lane finds out, and says so
  }
}
