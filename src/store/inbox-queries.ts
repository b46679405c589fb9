import type pg from 'pg';
import { z } from 'zod';
import type { Attempt, Claimed, Lease, Leases, ReadRequest, ReadyItem } from '../queue/ports.ts';
import type { StatementCount } from './db.ts';
import type { LinkAnswer } from './link-cache.ts';
import { readAnswer, subjectsSql } from './link-queries.ts';

/** How long a lease runs without being renewed, in seconds. */
export const leaseSeconds = 10;

/** Sealed payloads of one lane in one reading, in bytes: then the rest is read later. At least one item is read. */
const mostBytesOfLane = 256 * 1024;

const renewSql = `
with renewed as (
  insert into process (owner, lease_until, backend, backend_start)
  select $1, now() + interval '${leaseSeconds} s', pid, backend_start from pg_stat_activity where pid = pg_backend_pid()
  on conflict (owner) do update set lease_until = excluded.lease_until, backend = excluded.backend,
    backend_start = excluded.backend_start
  returning owner
)
select (select coalesce(json_agg(json_build_object('lane', lane, 'epoch', epoch, 'priority', priority)), '[]') from lane where owner = $1) as held,
  1 + (select count(*) from process where owner <> $1 and is_alive(owner)) as processes,
  (select count(*) from lane where owner = $1 or owner in (select owner from process where is_alive(owner))) as lanes,
  (select count(*) from renewed) as renewed`;

const lease = z.object({ lane: z.string(), epoch: z.number(), priority: z.number() });

const leases = z.object({
  held: z.array(lease),
  processes: z.number(),
  lanes: z.number(),
});

export async function renew(client: pg.Client, owner: string, count: StatementCount): Promise<Leases> {
  count.statements += 1;
  const { rows } = await client.query({ name: 'renew', text: renewSql, values: [owner] });
  return leases.parse(rows[0]);
}

/**
 * The order of the rows' locks is that of the other statements; rows that somebody else is leasing are left to them. Who is
 * alive is asked once and not for each lane: it takes a look at PostgreSQL's own processes.
 */
const claimSql = `
update lane set owner = $1, epoch = nextval('lane_epoch')
from (
  select l.lane from lane l
  where (l.owner is null or (l.owner <> $1 and l.owner <> all (array(select owner from process where is_alive(owner)))))
    and l.lane <> all ($3)
    and exists (select from inbox where inbox.lane = l.lane and inbox.state = 'ready')
    and not has_open_post(l.lane)
  order by l.priority, l.lane limit $2 for update skip locked
) free
where lane.lane = free.lane
returning lane.lane, lane.epoch, lane.priority`;

const leaseRows = z.array(lease);

export async function claim(
  client: pg.Client,
  owner: string,
  limit: number,
  except: readonly string[],
  count: StatementCount,
): Promise<readonly Lease[]> {
  count.statements += 1;
  const { rows } = await client.query({ name: 'claim', text: claimSql, values: [owner, limit, except] });
  return leaseRows.parse(rows);
}

const releaseSql = `
update lane set owner = null, epoch = nextval('lane_epoch')
from json_to_recordset($1) as t(lane text, epoch bigint)
where lane.lane = t.lane and lane.epoch = t.epoch`;

export async function release(
  client: pg.Client,
  given: readonly Lease[],
  count: StatementCount,
): Promise<void> {
  count.statements += 1;
  await client.query({ name: 'release', text: releaseSql, values: [JSON.stringify(given)] });
}

export async function leave(client: pg.Client, owner: string, count: StatementCount): Promise<void> {
  count.statements += 1;
  const text = `with gone as (delete from process where owner = $1)
    update lane set owner = null, epoch = nextval('lane_epoch') where owner = $1`;
  await client.query({ text, values: [owner] });
}

const sweepSql = `
with due as (
  select seq, parent_key from inbox
  where state = 'parked' and (not_before <= now() or is_linked(parent_key)) for update skip locked
), woken as (
  update inbox set state = 'ready', waited = waited or (not_before <= now() and due.parent_key not like 'media:%'), not_before = null, parent_key = null
  from due where inbox.seq = due.seq
  returning inbox.lane, due.parent_key
)
select lane, null::bigint as seq, parent_key as parent from woken
union all
select asked.lane, ready.seq, null from unnest($1::text[]) as asked(lane)
cross join lateral (
  select seq from inbox where inbox.lane = asked.lane and state = 'ready' order by src_ts, seq limit 300
) ready`;

const sweepRows = z.array(
  z.object({ lane: z.string(), seq: z.number().nullable(), parent: z.string().nullable() }),
);

export interface Sweep {
  /** Lanes in which parked items were woken, and what those waited for. */
  readonly woken: readonly string[];
  readonly parents: readonly string[];
  readonly ready: readonly ReadyItem[];
}

export async function sweep(
  client: pg.Client,
  lanes: readonly string[],
  count: StatementCount,
): Promise<Sweep> {
  count.statements += 1;
  const { rows } = await client.query({ name: 'sweep', text: sweepSql, values: [lanes] });
  const all = sweepRows.parse(rows);
  return {
    woken: [...new Set(all.filter(({ seq }) => seq === null).map(({ lane }) => lane))],
    parents: all.flatMap(({ parent }) => parent ?? []),
    ready: all.flatMap(({ lane, seq }) => (seq === null ? [] : { lane, seq })),
  };
}

/** The items of each lane from its oldest on, and the links that their handlers will ask for. */
const readSql = `
with items as materialized (
  select lane.lane, lane.epoch, lane.priority, head.*
  from json_to_recordset($1) as asked(lane text, epoch bigint, known bigint[], most int)
  join lane using (lane, epoch)
  cross join lateral (
    select seq, network, delivery, src_ts, about, payload, received_at, attempts, waited, not_before,
      row_number() over oldest_first as place,
      sum(octet_length(payload)) over oldest_first > ${mostBytesOfLane} as cut
    from inbox where inbox.lane = asked.lane and state = 'ready' and seq <> all (asked.known)
    window oldest_first as (order by src_ts, seq rows unbounded preceding)
    order by src_ts, seq limit asked.most
  ) head
), subjects as (${subjectsSql(`array(select distinct unnest(about) from items)`)})
select lane as key, json_build_object('epoch', epoch, 'priority', priority, 'seq', seq, 'network', network, 'delivery', delivery,
    'srcTs', src_ts, 'about', about, 'receivedAt', extract(epoch from received_at) * 1000, 'attempts', attempts,
    'waited', waited, 'notBefore', extract(epoch from not_before) * 1000,
    'openAttempts', (select json_agg(json_build_object('piece', a.piece, 'opKey', a.op_key, 'planHash', a.plan_hash,
        'deadline', extract(epoch from a.deadline) * 1000) order by a.piece)
      from attempt a where a.seq = items.seq and a.state not in ('applied', 'refused')))::text as json,
  case when place = 1 or not cut then payload end as payload, place, src_ts, seq
from items
union all select key, subject, null, 0, null, null from subjects
order by place, src_ts, seq`;

const readRows = z.array(
  z.object({
    key: z.string(),
    json: z.string(),
    payload: z.instanceof(Buffer).nullable(),
    place: z.number(),
  }),
);

const storedItem = z.object({
  epoch: z.number(),
  priority: z.number(),
  seq: z.number(),
  network: z.enum(['slack', 'matrix']),
  delivery: z.string(),
  srcTs: z.string(),
  about: z.array(z.string()),
  receivedAt: z.number(),
  attempts: z.number(),
  waited: z.boolean(),
  notBefore: z.number().nullable(),
  openAttempts: z
    .array(z.object({ piece: z.number(), opKey: z.string(), planHash: z.string(), deadline: z.number() }))
    .nullable(),
});

/** An item as it stands in the database; `sealed` is absent where the lane's share of bytes is used up. */
export interface StoredItem {
  readonly lease: Lease;
  readonly delivery: string;
  readonly sealed: Buffer | undefined;
  readonly openAttempts: readonly Attempt[];
  readonly notBefore: number | undefined;
  readonly item: Omit<Claimed['item'], 'payload'>;
}

export interface ReadResult {
  readonly items: readonly StoredItem[];
  readonly answer: LinkAnswer;
}

export async function read(
  client: pg.Client,
  requests: readonly ReadRequest[],
  count: StatementCount,
): Promise<ReadResult> {
  count.statements += 1;
  const asked = requests.map(({ lease: { lane, epoch }, known, limit }) => {
    return { lane, epoch, known: `{${known.join(',')}}`, most: limit };
  });
  const answer = await client.query({ name: 'read', text: readSql, values: [JSON.stringify(asked)] });
  const rows = readRows.parse(answer.rows);
  const items = rows.filter(({ place }) => place > 0);
  const parsed = items.map(({ json }) => storedItem.parse(JSON.parse(json)));
  const about = [...new Set(parsed.flatMap((item) => item.about))];
  return {
    items: parsed.map((item, index) => toStoredItem(items[index]?.key ?? '', item, items[index]?.payload)),
    answer: readAnswer(
      about,
      rows.filter(({ place }) => place === 0).map(({ key, json }) => [key, json]),
    ),
  };
}

function toStoredItem(
  lane: string,
  row: z.infer<typeof storedItem>,
  sealed: Buffer | null | undefined,
): StoredItem {
  const { epoch, priority, delivery, seq, srcTs, attempts, waited } = row;
  return {
    lease: { lane, epoch, priority },
    delivery,
    sealed: sealed ?? undefined,
    openAttempts: row.openAttempts ?? [],
    notBefore: row.notBefore ?? undefined,
    item: { seq, lane, from: row.network, srcTs, attempts, waited, receivedAt: new Date(row.receivedAt) },
  };
}
