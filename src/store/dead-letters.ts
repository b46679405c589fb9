import { z } from 'zod';
import type { Query, Reader } from './reader.ts';

/** An item that was set aside. Its payload is kept for 30 days. */
export interface DeadLetter {
  readonly seq: number;
  readonly lane: string;
  readonly from: 'slack' | 'matrix';
  /** A short constant: `bug`, `malformed`, or why it can't be bridged. */
  readonly reason: string;
  readonly error: string;
  readonly receivedAt: Date;
  readonly at: Date;
}

export interface DeadLetters {
  /** The newest first. */
  list(limit?: number): Promise<readonly DeadLetter[]>;
  /** Hands the item out again, at its old place in its lane. False: there is no such dead letter, or nothing in it to try. */
  retry(seq: number): Promise<boolean>;
  /** Gives up on an item, whether it is dead, parked or waiting. False: it is done, or unknown. */
  skip(seq: number): Promise<boolean>;
}

const rows = z.array(
  z.object({
    seq: z.number(),
    lane: z.string(),
    from: z.enum(['slack', 'matrix']),
    reason: z.string(),
    error: z.string(),
    receivedAt: z.date(),
    at: z.date(),
  }),
);

const list = {
  name: 'dead_letters',
  text: `select d.seq, i.lane, i.network as from, d.reason, d.error, i.received_at as "receivedAt", d.at
    from dead_letter d join inbox i using (seq) order by d.seq desc limit $1`,
};

/** A mark that was left for it goes: it would be taken for bridged. Unless it was deleted since: then it isn't bridged. */
const retry = {
  name: 'retry',
  text: `with item as (
      update inbox set state = 'ready', attempts = 0, not_before = null, error = null
      where seq = $1 and state = 'dead' and payload is not null and lane <> 'malformed'
      returning seq, lane, subject
    ), letter as (
      delete from dead_letter where seq in (select seq from item)
    ), mark as (
      delete from message where part = 'none' and deleted_at is null and ts in (select subject from item)
        and portal in (select split_part(lane, ':', 2)::bigint from item where lane like 'portal:%')
    )
    select lane, case when subject is not null and lane like 'portal:%'
      then 'ts:' || split_part(lane, ':', 2) || ':' || subject end as outdated
    from item`,
};

const skip = {
  name: 'skip',
  text: `with item as (
      update inbox set state = 'done', payload = null, not_before = null, parent_key = null
      where seq = $1 and state <> 'done'
      returning seq, lane, subject
    ), letter as (
      delete from dead_letter where seq in (select seq from item)
    ), mark as (
      insert into message (portal, ts, part, room_id, origin, source, sender, posted_as, sent_at)
      select portal.id, subject, 'none', portal.room_id, 'slack', 'live', '', '', now()
      from item
      join portal on portal.id = case when item.lane like 'portal:%' then split_part(item.lane, ':', 2)::bigint end
      where subject is not null
        and not exists (select from message m where m.portal = portal.id and m.ts = subject)
      on conflict do nothing
    )
    select lane, case when subject is not null and lane like 'portal:%'
      then 'ts:' || split_part(lane, ':', 2) || ':' || subject end as outdated
    from item`,
};

const changed = z.array(z.object({ lane: z.string(), outdated: z.string().nullable() }));

export interface DeadLetterEvents {
  /** There is something to do again in this lane. */
  readonly hint: (lane: string) => void;
  /** What is in memory of this message is old. */
  readonly forget: (key: string) => void;
}

export function createDeadLetters(reader: Reader, { hint, forget }: DeadLetterEvents): DeadLetters {
  async function change(statement: Query, seq: number): Promise<string | undefined> {
    const [found] = changed.parse(await reader.query(statement, [seq]));
    if (found?.outdated) forget(found.outdated);
    return found?.lane;
  }

  return {
    list: async (limit = 100) => rows.parse(await reader.query(list, [limit])),
    async retry(seq) {
      const lane = await change(retry, seq);
      if (lane !== undefined) hint(lane);
      return lane !== undefined;
    },
    skip: async (seq) => (await change(skip, seq)) !== undefined,
  };
}
