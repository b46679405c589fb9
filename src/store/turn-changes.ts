import type { Change } from '../portal/ports.ts';
import type { Work } from '../queue/ports.ts';
import { changesOf, storableText } from './turn.ts';
import type { RareEnding, Turn } from './turn.ts';

/**
 * A statement for all changes of one kind in a turn. `$1` is a JSON array of rows with `lane` and `epoch` each. It may
 * return lanes in which there is work again (`woken`) and messages of which more is known now (`outdated`).
 */
interface ChangeStatement {
  readonly name: string;
  readonly text: string;
  readonly rows: (work: Work<Change>) => readonly object[];
}

/** Only under the epoch that the lane still has; the turn's own statement has locked the lanes' rows. */
const fenced = `exists (select from lane where lane.lane = t.lane and lane.epoch = t.epoch)`;

/**
 * What isn't part of every turn. Runs in the turn's transaction, after its statement, so that these see its links: a
 * message may be linked and edited by the same item.
 */
const statements: readonly ChangeStatement[] = [
  {
    name: 'edited',
    text: `update message m set last_edit = t.edit
      from json_to_recordset($1) as t(lane text, epoch bigint, portal bigint, ts text, edit text)
      where m.portal = t.portal and m.ts = t.ts and ${fenced}`,
    rows: (work) => changesOf(work, 'edited').map(({ portal, ts, edit }) => ({ portal, ts, edit })),
  },
  {
    name: 'deleted',
    // asked for as `deleted_at is null`, all of the index of standing messages could be read
    text: `update message m set deleted_at = coalesce(m.deleted_at, now())
      from json_to_recordset($1) as t(lane text, epoch bigint, portal bigint, ts text, part text)
      where m.portal = t.portal and m.ts = t.ts and (t.part is null or m.part = t.part) and ${fenced}`,
    rows: (work) => changesOf(work, 'deleted').map(({ portal, ts, part }) => ({ portal, ts, part })),
  },
  {
    name: 'grave',
    text: `insert into grave (portal, ts)
      select distinct portal, ts from json_to_recordset($1) as t(lane text, epoch bigint, portal bigint, ts text)
      where ${fenced} on conflict do nothing`,
    rows: (work) => changesOf(work, 'grave').map(({ portal, ts }) => ({ portal, ts })),
  },
  {
    name: 'reaction',
    text: `insert into reaction (event_id, portal, ts, name, sender, origin, posted_as)
      select event_id, portal, ts, name, sender, origin, posted_as from json_to_recordset($1) as t(lane text,
        epoch bigint, event_id text, portal bigint, ts text, name text, sender text, origin text, posted_as text)
      where ${fenced} on conflict do nothing`,
    rows: (work) =>
      changesOf(work, 'reaction').map(({ reaction }) => ({
        event_id: reaction.event,
        portal: reaction.portal,
        ts: reaction.ts,
        name: reaction.name,
        sender: reaction.sender,
        origin: reaction.origin,
        posted_as: reaction.postedAs,
      })),
  },
  {
    name: 'reaction-removed',
    text: `delete from reaction where event_id in (
      select event_id from json_to_recordset($1) as t(lane text, epoch bigint, event_id text) where ${fenced})`,
    rows: (work) => changesOf(work, 'reaction-removed').map(({ event }) => ({ event_id: event })),
  },
  {
    name: 'reaction-changed',
    text: `insert into reaction_change as old (portal, ts, sender, name, changed_ts)
      select portal, ts, sender, name, at from json_to_recordset($1) as t(lane text, epoch bigint, portal bigint, ts text,
        sender text, name text, at text)
      where ${fenced}
      on conflict (portal, ts, sender, name) do update set changed_ts = excluded.changed_ts, at = now()
      where excluded.changed_ts > old.changed_ts`,
    rows: (work) =>
      changesOf(work, 'reaction-changed').map(({ portal, ts, sender, name, at }) => ({
        portal,
        ts,
        sender,
        name,
        at,
      })),
  },
  {
    name: 'reaction-note',
    text: `insert into reaction_note (portal, ts, outdated_at)
      select distinct portal, ts, now() from json_to_recordset($1) as t(lane text, epoch bigint, portal bigint, ts text)
      where ${fenced} on conflict (portal, ts) do update set outdated_at = now()`,
    rows: (work) => changesOf(work, 'reaction-note').map(({ portal, ts }) => ({ portal, ts })),
  },
  {
    name: 'related',
    text: `insert into related (event_id, portal, ts, part, kind)
      select event_id, portal, ts, part, kind from json_to_recordset($1) as t(lane text, epoch bigint, event_id text,
        portal bigint, ts text, part text, kind text)
      where ${fenced} on conflict do nothing`,
    rows: (work) =>
      changesOf(work, 'related').map(({ related }) => ({
        event_id: related.event,
        portal: related.portal,
        ts: related.ts,
        part: related.part,
        kind: related.kind,
      })),
  },
  {
    name: 'attempt-settled',
    text: `update attempt a set state = case when t.applied then 'applied' else 'refused' end
      from json_to_recordset($1) as t(lane text, epoch bigint, seq bigint, piece int, applied boolean)
      where a.seq = t.seq and a.piece = t.piece and ${fenced}`,
    rows: (work) =>
      changesOf(work, 'attempt-settled').map(({ seq, piece, applied }) => ({ seq, piece, applied })),
  },
  {
    name: 'attempt-link',
    text: `update attempt a set link = t.link
      from json_to_recordset($1) as t(lane text, epoch bigint, seq bigint, piece int, link json)
      where a.seq = t.seq and a.piece = t.piece and ${fenced}`,
    rows: (work) =>
      changesOf(work, 'attempt-link')
        .filter(({ piece }) => work.attempt?.piece !== piece) // that one is in the attempt's own row
        .map(({ piece, link }) => ({ seq: work.seq, piece, link })),
  },
  {
    // Whose parent was linked meanwhile isn't parked: nobody would wake it.
    name: 'retry-or-park',
    text: `update inbox i set
        state = case when t.parent_key is null or p.linked then 'ready' else 'parked' end,
        parent_key = case when not p.linked then t.parent_key end,
        not_before = case when not p.linked then to_timestamp(t.not_before / 1000.0) end,
        attempts = coalesce(t.attempts, i.attempts), error = coalesce(t.error, i.error)
      from json_to_recordset($1) as t(lane text, epoch bigint, seq bigint, not_before float8, attempts int, error text,
        parent_key text)
      cross join lateral (select coalesce(is_linked(t.parent_key), false) as linked) p
      where i.seq = t.seq and i.state <> 'done' and ${fenced}
      returning case when p.linked then i.lane end as woken, case when p.linked then t.parent_key end as outdated`,
    rows: ({ seq, ending }) =>
      ending?.type === 'retry' || ending?.type === 'park' ? [{ seq, ...waiting(ending) }] : [],
  },
  {
    // What is given up leaves a mark where its message would be, so that no sweep of the history brings it back.
    name: 'dead',
    text: `with dead as (
        update inbox i set state = 'dead', not_before = null, parent_key = null, error = t.error
        from json_to_recordset($1) as t(lane text, epoch bigint, seq bigint, reason text, error text, noticed text)
        where i.seq = t.seq and i.state <> 'done' and ${fenced}
        returning i.seq, i.lane, i.subject, t.reason, t.error, t.noticed
      ), letter as (
        insert into dead_letter as old (seq, reason, error, noticed_event) select seq, reason, error, noticed from dead
        on conflict (seq) do update set reason = excluded.reason, error = excluded.error, at = now(),
          noticed_event = coalesce(excluded.noticed_event, old.noticed_event)
      )
      insert into message (portal, ts, part, room_id, origin, source, sender, posted_as, sent_at)
      select portal.id, subject, 'none', portal.room_id, 'slack', 'live', '', '', now()
      from dead
      join portal on portal.id = case when dead.lane like 'portal:%' then split_part(dead.lane, ':', 2)::bigint end
      where subject is not null
        and not exists (select from message m where m.portal = portal.id and m.ts = subject)
      on conflict do nothing
      returning null as woken, 'ts:' || portal || ':' || ts as outdated`,
    rows: ({ seq, ending }) =>
      ending?.type === 'dead'
        ? [
            {
              seq,
              reason: storableText(ending.reason, 100),
              error: storableText(ending.error, 2000),
              noticed: ending.noticed,
            },
          ]
        : [],
  },
];

function waiting(ending: Exclude<RareEnding, { readonly type: 'dead' }>): object {
  if (ending.type === 'park') return { not_before: ending.until, parent_key: ending.parent };
  const error = storableText(ending.error, 2000);
  return { not_before: ending.notBefore, attempts: ending.attempts, error };
}

/** The statements that this turn needs besides its own; mostly none. */
export function changeQueries(
  turn: Turn,
): readonly { readonly name: string; readonly text: string; readonly values: unknown[] }[] {
  return statements.flatMap(({ name, text, rows }) => {
    const values = turn.work.flatMap((work) => {
      const { lane, epoch } = work.lease;
      return rows(work).map((row) => Object.assign({ lane, epoch }, row));
    });
    return values.length === 0 ? [] : [{ name, text, values: [JSON.stringify(values)] }];
  });
}
