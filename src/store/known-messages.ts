import { z } from 'zod';
import { ts } from '../ids.ts';
import type { PortalId, Ts } from '../ids.ts';
import type { KnownMessage, KnownReaction, TsRange } from '../portal/catch-up-ports.ts';
import type { Reader } from './reader.ts';

/** New messages of the range. Each state has an index of its own. */
const inLane = `lane = 'portal:' || $1::bigint || ':slack' and subject is not null
      and src_ts >= $2 and ($3::text is null or src_ts < $3)`;

/**
 * What is known of messages, one row each. `chosen` says which rows of `message` (as m) belong to it. Messages that wait in
 * the inbox and deletes that came first have no row there; of these all of the range are given.
 */
function knownSql(chosen: string): string {
  return `
  with linked as (
    select ts, min(thread_ts) as "threadTs", min(origin) as origin,
      case when bool_and(deleted_at is not null) then 'gone'
        when bool_and(event_id is null or deleted_at is not null) then 'left-out' else 'standing' end as state,
      coalesce(json_agg(coalesce(last_edit, '')) filter (where deleted_at is null), '[]') as edits,
      bool_or(part like 'channel:%') as "inChannel",
      coalesce(json_agg(substr(part, 6)) filter (where part like 'file:%' and event_id is not null
        and deleted_at is null), '[]') as files
    from message m where m.portal = $1 and ${chosen} group by ts
  ), undone as (
    select subject, about from inbox where state = 'ready' and ${inLane}
    union all select subject, about from inbox where state = 'parked' and ${inLane}
  ), waiting as (
    select subject as ts, min(split_part(about.key, ':', 3)) as "threadTs"
    from undone left join unnest(undone.about) as about(key) on about.key <> 'ts:' || $1::bigint || ':' || subject
    group by subject
  )
  select * from linked
  union all select ts, "threadTs", 'slack', 'waiting', '[]', false, '[]' from waiting where ts not in (select ts from linked)
  union all select ts, null, 'slack', 'gone', '[]', false, '[]' from grave
    where portal = $1 and ts >= $2 and ($3::text is null or ts < $3)
      and ts not in (select ts from linked) and ts not in (select ts from waiting)`;
}

const inRange = {
  name: 'known_in_range',
  text: knownSql('m.ts >= $2 and ($3::text is null or m.ts < $3)'),
};
const inThread = {
  name: 'known_in_thread',
  text: knownSql('((m.thread_ts = $4 and m.ts >= $2) or m.ts = $4)'),
};

const tsValue = z.string().transform(ts);
const knownRows = z.array(
  z.object({
    ts: tsValue,
    threadTs: tsValue.nullable(),
    origin: z.enum(['slack', 'matrix']),
    state: z.enum(['standing', 'waiting', 'left-out', 'gone']),
    edits: z.array(z.string()),
    inChannel: z.boolean(),
    files: z.array(z.string()),
  }),
);

/** Reactions that people in Slack gave, and when each was changed last. */
const reactionsOf = {
  name: 'known_reactions',
  text: `
  select coalesce(r.ts, c.ts) as ts, coalesce(r.sender, c.sender) as user, coalesce(r.name, c.name) as name,
    r.ts is not null as given, c.changed_ts as "changedAt"
  from (select distinct ts, sender, name from reaction where portal = $1 and ts = any($2) and origin = 'slack') r
  full join (select ts, sender, name, changed_ts from reaction_change where portal = $1 and ts = any($2)) c
    on c.ts = r.ts and c.sender = r.sender and c.name = r.name`,
};
const reactionRows = z.array(
  z.object({
    ts: tsValue,
    user: z.string(),
    name: z.string(),
    given: z.boolean(),
    changedAt: z.string().nullable(),
  }),
);

export function createKnownMessages(reader: Reader) {
  async function withReactions(portal: PortalId, rows: unknown): Promise<readonly KnownMessage[]> {
    const messages = knownRows.parse(rows);
    const standing = messages.filter(({ state }) => state === 'standing').map((message) => message.ts);
    const given = standing.length === 0 ? [] : await reader.query(reactionsOf, [portal, standing]);
    const reactions = Map.groupBy(reactionRows.parse(given), (row) => row.ts);
    return messages.map((message) => knownMessage(message, reactions.get(message.ts) ?? []));
  }

  return {
    known: async (portal: PortalId, { from, to }: TsRange) =>
      withReactions(portal, await reader.query(inRange, [portal, from, to ?? null])),
    knownThread: async (portal: PortalId, root: Ts, from: Ts) =>
      withReactions(portal, await reader.query(inThread, [portal, from, null, root])),
  };
}

function knownMessage(
  { threadTs, inChannel, files, ...message }: z.infer<typeof knownRows>[number],
  reactions: z.infer<typeof reactionRows>,
): KnownMessage {
  const thread = threadTs === null ? {} : { threadTs };
  const copied = inChannel ? { inChannel } : {};
  const shown = files.length > 0 ? { files } : {};
  return { ...message, ...thread, ...copied, ...shown, reactions: reactions.map(knownReaction) };
}

function knownReaction({
  user,
  name,
  given,
  changedAt,
}: z.infer<typeof reactionRows>[number]): KnownReaction {
  return { user, name, given, ...(changedAt !== null && { changedAt }) };
}
