/**
 * Statements about dead letters: rows of `dead_letter` whose item in `inbox` is dead. An item that is tried again keeps its
 * row until it has arrived and its notice says so.
 */

/** One look-up by its key for each letter, whatever the planner thinks of the inbox. */
const item = 'lateral (select * from inbox where inbox.seq = d.seq offset 0) i';
const letters = `dead_letter d cross join ${item}`;
const lettersAndLost = `dead_letter d left join ${item} on true`;

/** `$1`: lanes; null: all. */
const inLanes = '($1::text[] is null or i.lane = any($1))';

export const list = {
  name: 'dead_letters',
  text: `select d.seq, i.lane, i.network as from, d.reason, d.error, i.received_at as "receivedAt", d.at,
      i.delivery::text, i.payload
    from ${letters}
    where i.state = 'dead' and ${inLanes} order by d.seq desc limit $2 offset $3`,
};

export const numbers = {
  name: 'dead_letter_numbers',
  text: `select d.seq from ${letters}
    where i.state = 'dead' and ${inLanes} and ($2::bigint[] is null or d.seq = any($2)) order by d.seq`,
};

/** The message of an item, for the mark that was left for it. */
const portalOf = `case when lane like 'portal:%' then split_part(lane, ':', 2)::bigint end`;
const outdated = `case when subject is not null and lane like 'portal:%'
  then 'ts:' || split_part(lane, ':', 2) || ':' || subject end as outdated`;

/** A mark that was left for it goes: it would be taken for bridged. Unless it was deleted since: then it isn't bridged. */
export const retry = {
  name: 'retry',
  text: `with item as (
      update inbox set state = 'ready', attempts = 0, not_before = null, error = null
      where seq = any($1::bigint[]) and state = 'dead' and payload is not null and lane <> 'malformed'
      returning seq, lane, subject
    ), mark as (
      delete from message where part = 'none' and deleted_at is null
        and (portal, ts) in (select ${portalOf}, subject from item where subject is not null)
    )
    select seq, lane, ${outdated} from item`,
};

export const retried = {
  name: 'retried',
  text: `select d.seq, coalesce(i.state, 'done') as state, d.reason, d.error from ${lettersAndLost}
    where d.seq = any($2::bigint[]) and ${inLanes}`,
};

/** What is skipped leaves a mark where its message would be, so that no look into the history brings it back. */
const setAside = (items: string): string => `with item as (
      update inbox set state = 'done', payload = null, not_before = null, parent_key = null
      where seq = any(array(${items})) and state <> 'done'
      returning seq, lane, subject
    ), letter as (
      delete from dead_letter where seq in (select seq from item)
    ), mark as (
      insert into message (portal, ts, part, room_id, origin, source, sender, posted_as, sent_at)
      select portal.id, subject, 'none', portal.room_id, 'slack', 'live', '', '', now()
      from item join portal on portal.id = ${portalOf}
      where subject is not null
        and not exists (select from message m where m.portal = portal.id and m.ts = subject)
      on conflict do nothing
    )
    select seq, lane, ${outdated} from item`;

export const skip = { name: 'skip', text: setAside('select unnest($1::bigint[])') };

/** The first thing that an item is about is the message itself, or the one that it changes. */
const lettersAbout = `select d.seq from ${letters} where i.about[1] = $1`;

export const removeAbout = { name: 'remove_dead_letters', text: setAside(lettersAbout) };

/** The first thing that an item of Matrix is about is the event itself, or what it changes. */
export const on = {
  name: 'dead_letters_on',
  text: `select d.seq, i.lane, i.network as from, d.reason, d.error, i.received_at as "receivedAt", d.at,
      i.delivery::text, i.payload
    from ${letters}
    where i.state = 'dead' and i.network = 'matrix' and (i.about[1] = 'event:' || $1 or d.noticed_event = $1)
    order by d.seq limit 100`,
};

/** The first thing that an item of Slack is about is the message itself, or the one that it changes. */
export const onMessage = {
  name: 'dead_letters_on_message',
  text: `select d.seq, i.lane, i.network as from, d.reason, d.error, i.received_at as "receivedAt", d.at,
      i.delivery::text, i.payload
    from ${letters}
    where i.state = 'dead' and i.network = 'slack' and i.about[1] = $1
    order by d.seq limit 100`,
};

const notice = `d.seq, d.noticed_event as event, coalesce(p.room_id, case when i.lane like 'room:!%' then substr(i.lane, 6) end) as room`;
const withRoom = `left join portal p on i.lane like 'portal:%' and p.id = split_part(i.lane, ':', 2)::bigint`;

export const about = {
  name: 'dead_letters_about',
  text: `select ${notice}, i.state = 'done' as done from ${letters} ${withRoom}
    where i.about[1] = $1`,
};

export const triedAgain = {
  name: 'dead_letters_tried_again',
  text: `select ${notice}, coalesce(i.state, 'done') = 'done' as done
    from ${lettersAndLost} ${withRoom} where coalesce(i.state, 'done') <> 'dead'`,
};

export const forget = { name: 'forget_dead_letter', text: 'delete from dead_letter where seq = $1' };
