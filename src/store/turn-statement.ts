import { z } from 'zod';
import type { Change } from '../portal/ports.ts';
import type { Lease, ReadyItem, Verdict, Work } from '../queue/ports.ts';
import type { Row } from './db.ts';
import { readAnswer, subjectsSql } from './link-queries.ts';
import { changesOf, linkOfAttempt, priorityOf, storableText, wakes } from './turn.ts';
import type { IntakeRow, Turn, TurnResult } from './turn.ts';

/** More than a lane has in memory when it has all its items there. */
const mostElsewhere = 300;

/**
 * The statement of a turn. Its parts see the database as it was before it, so no part reads what another one writes,
 * except through `returning`.
 *
 * - `delivery_key`, `fact_key`: written in the order of the keys, first all deliveries, then all facts: two processes
 *   that store the same things wait for each other and never in a circle. A fact counts only with a new delivery.
 * - `lease`: a lane is free when its owner's process has no lease any more and no post to Slack may still be under way. Who
 *   is alive is asked once: it takes a look at PostgreSQL's own processes.
 * - `elsewhere`: what other processes stored in the lanes that this one has, whoever told it: what was committed before this
 *   turn was sent is older than what the turn stores. A lane with all its items in memory has fewer than it may return.
 * - `held`: locks the lanes' rows against a change of owner until the commit.
 * - `done`: `= any(array(…))` is an index look-up a row; a join beside a backlog reads the whole inbox.
 * - `settled`: asked for as `state = 'open'`, all of the index of open attempts would be read, with what is dead in it.
 */
const text = `
with intake as materialized (
  select * from json_to_recordset($1) as t(n int, delivery uuid, fact uuid, lane text, network text, src_ts text,
    subject text, about text[], malformed text, start int, length int)
), delivery_key as (
  insert into seen (key) select delivery from intake order by delivery on conflict do nothing returning key
), fact_key as (
  insert into seen (key) select fact from intake join delivery_key on key = delivery
  where fact is not null and lane is not null order by fact on conflict do nothing returning key
), stored as (
  insert into inbox (lane, network, delivery, src_ts, subject, about, payload, state, error, elsewhere)
  select lane, network, delivery, src_ts, subject, coalesce(about, '{}'), substring($2::bytea from start for length),
    case when malformed is null then 'ready' else 'dead' end, malformed,
    lane in (select lane from json_to_recordset($4) as t(lane text))
  from intake
  where lane is not null and delivery in (select key from delivery_key)
    and (fact is null or fact in (select key from fact_key))
  order by n
  returning seq, delivery, state, error
), malformed as (
  insert into dead_letter (seq, reason, error) select seq, 'malformed', error from stored where state = 'dead'
), lease as (
  insert into lane (lane, priority, owner)
  select lane, priority, case when wanted then $3 end
  from json_to_recordset($4) as t(lane text, priority int, wanted boolean) order by lane
  on conflict (lane) do update set owner = excluded.owner, epoch = nextval('lane_epoch')
  where excluded.owner is not null
    and (lane.owner is null or lane.owner <> all (array(select owner from process where is_alive(owner)))) and not has_open_post(lane.lane)
  returning lane, epoch, owner, priority
), elsewhere as (
  select complete.lane, found.seq from unnest($11::text[]) as complete(lane)
  cross join lateral (
    select seq from inbox where inbox.lane = complete.lane and elsewhere and state = 'ready' limit ${mostElsewhere}
  ) found
), held as (
  select lane, epoch from lane where lane = any($5) order by lane for share
), work as materialized (
  select t.* from json_to_recordset($6) as t(n int, seq bigint, lane text, epoch bigint, done boolean)
  join held using (lane, epoch)
), linked as (
  insert into message (portal, ts, part, event_id, piece, room_id, thread_ts, origin, source, sender, posted_as, sent_at,
    last_edit)
  select portal, ts, part, event_id, piece, room_id, thread_ts, origin, source, sender, posted_as,
    to_timestamp(sent_at / 1000.0), last_edit
  from json_to_recordset($7) as t(n int, portal bigint, ts text, part text, event_id text, piece int, room_id text,
    thread_ts text, origin text, source text, sender text, posted_as text, sent_at float8, last_edit text)
  where n in (select n from work)
  on conflict (portal, ts, part) do update set event_id = excluded.event_id, piece = excluded.piece,
    room_id = excluded.room_id, thread_ts = excluded.thread_ts, origin = excluded.origin, source = excluded.source,
    sender = excluded.sender, posted_as = excluded.posted_as, sent_at = excluded.sent_at,
    last_edit = coalesce(excluded.last_edit, message.last_edit),
    deleted_at = case when message.event_id = excluded.event_id then message.deleted_at end
), begun as (
  insert into attempt (seq, piece, lane, plan_hash, op_key, link, deadline, epoch)
  select seq, piece, lane, plan_hash, op_key, link, to_timestamp(deadline / 1000.0), epoch
  from json_to_recordset($8) as t(n int, seq bigint, piece int, lane text, plan_hash text, op_key text, link json,
    deadline float8, epoch bigint)
  where n in (select n from work)
  on conflict (seq, piece) do update set plan_hash = excluded.plan_hash, op_key = excluded.op_key,
    link = coalesce(excluded.link, attempt.link), started_at = now(), deadline = excluded.deadline,
    epoch = excluded.epoch, state = 'open'
), settled as (
  update attempt set state = 'applied'
  where state not in ('applied', 'refused') and seq = any(array(select seq from work where done))
), done as (
  update inbox set state = 'done', payload = null, not_before = null, parent_key = null, error = null
  where seq = any(array(select seq from work where done)) and state <> 'done'
), woken as (
  update inbox set state = 'ready', not_before = null, parent_key = null
  where state = 'parked' and parent_key = any($9)
  returning lane
), subjects as (${subjectsSql('$10::text[]')})
select 'stored' as kind, seq as number, delivery::text as name, null as json from stored
union all select 'leased', epoch, lane, priority::text from lease where owner is not null
union all select 'elsewhere', seq, lane, null from elsewhere
union all select 'committed', n, null, null from work
union all select 'woken', null, lane, null from woken
union all select 'subject', null, key, subject from subjects`;

/** The statement with its values, for `pg`. */
export function turnQuery(turn: Turn): {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
  readonly rowMode: 'array';
} {
  const blob = Buffer.concat(turn.intake.map(({ sealed }) => sealed));
  const values = [
    JSON.stringify(intakeRows(turn.intake)),
    blob,
    turn.owner,
    JSON.stringify(
      turn.lanes.map(({ lane, lease }) => ({ lane, priority: priorityOf(lane), wanted: lease })),
    ),
    [...new Set(turn.work.map(({ lease }) => lease.lane))],
    JSON.stringify(turn.work.map(workRow)),
    JSON.stringify(turn.work.flatMap(linkRows)),
    JSON.stringify(turn.work.flatMap(attemptRows)),
    turn.work.flatMap(wakes),
    askedKeys(turn),
    turn.complete,
  ];
  return { name: 'turn', text, values, rowMode: 'array' };
}

/** The links that handlers of what is stored will ask for. */
function askedKeys(turn: Turn): string[] {
  return [...new Set(turn.intake.flatMap(({ about, lane }) => (lane === undefined ? [] : about)))];
}

function intakeRows(rows: readonly IntakeRow[]): readonly object[] {
  let start = 1; // substring counts from 1
  return rows.map((row, n) => {
    const { delivery, fact, lane, network, srcTs, subject, about, malformed } = row;
    const length = row.sealed.length;
    start += length;
    const error = malformed === undefined ? undefined : storableText(malformed, 500);
    return {
      n,
      delivery,
      fact,
      lane,
      network,
      src_ts: srcTs,
      subject,
      about,
      malformed: error,
      start: start - length,
      length,
    };
  });
}

function workRow({ lease, seq, ending }: Work<Change>, n: number): object {
  return { n, seq, lane: lease.lane, epoch: lease.epoch, done: ending?.type === 'done' };
}

function linkRows(work: Work<Change>, n: number): readonly object[] {
  // Two parts of one message may be linked in one turn, but a row only once: the last one stands.
  const rows = new Map(
    changesOf(work, 'link').map(({ link }) => [`${link.portal}:${link.ts}:${link.part}`, link]),
  );
  return [...rows.values()].map((link) => ({
    n,
    portal: link.portal,
    ts: link.ts,
    part: link.part,
    event_id: link.event,
    piece: link.piece,
    room_id: link.room,
    thread_ts: link.threadTs,
    origin: link.origin,
    source: link.source,
    sender: link.sender,
    posted_as: link.postedAs,
    sent_at: link.sentAt,
    last_edit: link.lastEdit,
  }));
}

function attemptRows(work: Work<Change>, n: number): readonly object[] {
  const { attempt, lease, seq } = work;
  if (!attempt) return [];
  return [
    {
      n,
      seq,
      piece: attempt.piece,
      lane: lease.lane,
      plan_hash: attempt.planHash,
      op_key: attempt.opKey,
      link: linkOfAttempt(work, attempt),
      deadline: attempt.deadline,
      epoch: lease.epoch,
    },
  ];
}

const resultRow = z.tuple([z.string(), z.number().nullable(), z.string().nullable(), z.string().nullable()]);

/** What the statement's rows say. */
export function readTurnResult(turn: Turn, rows: readonly Row[]): TurnResult {
  const stored = new Map<string, number>();
  const leased: Lease[] = [];
  const verdicts: Verdict[] = turn.work.map(() => 'fenced');
  const woken: string[] = [];
  const elsewhere: ReadyItem[] = [];
  const subjects: [string, string][] = [];
  for (const row of rows) {
    const [kind, number, name, json] = resultRow.parse(row);
    if (kind === 'stored' && number !== null && name !== null) stored.set(name, number);
    if (kind === 'leased' && number !== null && name !== null)
      leased.push({ lane: name, epoch: number, priority: Number(json) });
    if (kind === 'committed' && number !== null) verdicts[number] = 'committed';
    if (kind === 'elsewhere' && number !== null && name !== null) elsewhere.push({ lane: name, seq: number });
    if (kind === 'woken' && name !== null) woken.push(name);
    if (kind === 'subject' && name !== null && json !== null) subjects.push([name, json]);
  }
  return {
    stored,
    leased,
    verdicts,
    woken,
    elsewhere,
    outdated: [],
    answer: readAnswer(askedKeys(turn), subjects),
  };
}
