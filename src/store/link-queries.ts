import { z } from 'zod';
import { eventId, InvalidId, portalId, roomId, ts } from '../ids.ts';
import type { MessageLink, PartName } from '../portal/ports.ts';
import type { LinkAnswer } from './link-cache.ts';
import { subjectKey } from './link-rows.ts';
import type { Subject } from './link-rows.ts';
import type { Reader } from './reader.ts';

/**
 * All that is known of the messages named by `keys` (an expression of type text[]; `ts:<portal>:<ts>` or `event:<id>`):
 * a row (key, JSON) for each subject. Lateral steps keep it at one index look-up a key, however many rows `message` has;
 * an `exists` would have all of `grave` read into a hash.
 */
export function subjectsSql(keys: string): string {
  return `
  select asked.key, json_build_object(
      'portal', found.portal, 'ts', found.ts,
      'grave', (select true from grave g where g.portal = found.portal and g.ts = found.ts) is not null,
      'links', (select json_agg(m) from message m where m.portal = found.portal and m.ts = found.ts),
      'latest', (select to_json(m) from message m
        where m.portal = found.portal and m.thread_ts = found.ts and m.deleted_at is null and m.event_id is not null
          and m.part not like 'channel:%'
        order by m.ts desc limit 1))::text as subject
  from (select distinct unnest(${keys}) as key) asked
  cross join lateral (
    select split_part(asked.key, ':', 2)::bigint as portal, split_part(asked.key, ':', 3) as ts
    where asked.key like 'ts:%'
    union all
    select m.portal, m.ts from message m
    where asked.key like 'event:%' and m.event_id = substr(asked.key, 7) and m.deleted_at is null
    union
    select m.portal, m.ts from message m
    where asked.key like 'event:%' and m.event_id = substr(asked.key, 7) and m.deleted_at is not null
    offset 0
  ) found`;
}

const row = z.object({
  portal: z.number(),
  ts: z.string(),
  part: z.string(),
  event_id: z.string().nullable(),
  piece: z.number(),
  room_id: z.string(),
  thread_ts: z.string().nullable(),
  origin: z.enum(['slack', 'matrix']),
  source: z.enum(['live', 'catch-up', 'backfill', 'import']),
  sender: z.string(),
  posted_as: z.string(),
  sent_at: z.string(),
  last_edit: z.string().nullable(),
  deleted_at: z.string().nullable(),
});

const subjectRow = z.object({
  portal: z.number(),
  ts: z.string(),
  grave: z.boolean(),
  links: z.array(row).nullable(),
  latest: row.nullable(),
});

/** A part's name comes from `Change`s only, so it has the shape. */
function partName(part: string): PartName {
  return part as PartName;
}

function messageLink(stored: z.infer<typeof row>): MessageLink {
  return {
    portal: portalId(stored.portal),
    ts: ts(stored.ts),
    part: partName(stored.part),
    ...(stored.event_id !== null && { event: eventId(stored.event_id) }),
    piece: stored.piece,
    room: roomId(stored.room_id),
    ...(stored.thread_ts !== null && { threadTs: ts(stored.thread_ts) }),
    origin: stored.origin,
    source: stored.source,
    sender: stored.sender,
    postedAs: stored.posted_as,
    sentAt: Date.parse(stored.sent_at),
    ...(stored.last_edit !== null && { lastEdit: stored.last_edit }),
  };
}

function parseSubject(text: string): Subject {
  const stored = subjectRow.parse(JSON.parse(text));
  const latest = stored.latest && messageLink(stored.latest);
  return {
    portal: portalId(stored.portal),
    ts: ts(stored.ts),
    grave: stored.grave,
    links: (stored.links ?? []).map((link) => ({
      link: messageLink(link),
      deleted: link.deleted_at !== null,
    })),
    ...(latest && { latest }),
  };
}

/**
 * The answer to `subjectsSql(keys)`; keys without a row are known to have none. What can't be read is left out, as if it had
 * not been asked for: whoever needs it looks it up and is told.
 */
export function readAnswer(
  keys: readonly string[],
  rows: Iterable<readonly [key: string, subject: string]>,
  parse: (text: string) => Subject | undefined = readableSubject,
): LinkAnswer {
  const subjects = new Map<string, Subject>();
  const events = new Map<string, string[]>();
  for (const key of keys) if (key.startsWith('event:')) events.set(key, []);
  for (const [key, text] of rows) {
    const subject = parse(text);
    if (!subject) events.delete(key);
    else {
      const name = subjectKey(subject.portal, subject.ts);
      subjects.set(name, subject);
      events.get(key)?.push(name);
    }
  }
  return { keys, subjects, events };
}

function readableSubject(text: string): Subject | undefined {
  try {
    return parseSubject(text);
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof InvalidId) return undefined;
    throw error;
  }
}

const subjectsQuery = { name: 'subjects', text: subjectsSql('$1::text[]') };
const subjectsRows = z.array(z.object({ key: z.string(), subject: z.string() }));

export async function readSubjects(reader: Reader, keys: readonly string[]): Promise<LinkAnswer> {
  const rows = subjectsRows.parse(await reader.query(subjectsQuery, [keys]));
  return readAnswer(
    keys,
    rows.map(({ key, subject }) => [key, subject]),
    parseSubject,
  );
}
