import type { Reader } from './reader.ts';

/** Rows in one statement, so that none holds others up. */
const batch = 2000;

/**
 * What is old goes, in batches. After 7 days `message` and `grave` are what keeps an event from being bridged twice; dead
 * letters are kept for 30 days.
 */
const statements = [
  `delete from seen where key = any(array(select key from seen where at < now() - interval '7 days' limit $1))`,
  `delete from inbox where seq = any(array(
     select seq from inbox where received_at < now() - interval '7 days' and state = 'done' order by seq limit $1))`,
  `delete from attempt where seq = any(array(
     select a.seq from attempt a left join inbox i using (seq)
     where a.started_at < now() - interval '7 days' and a.state <> 'open' and coalesce(i.state, 'done') in ('done', 'dead')
     limit $1))`,
  `with old as (
     delete from dead_letter where seq = any(array(
       select seq from dead_letter where at < now() - interval '30 days' and not exists (
         select from inbox where inbox.seq = dead_letter.seq and state in ('ready', 'parked'))
       order by seq limit $1))
     returning seq
   )
   delete from inbox where seq in (select seq from old)`,
  `delete from reaction_change where (portal, ts, sender, name) in (
     select portal, ts, sender, name from reaction_change where at < now() - interval '7 days' limit $1)`,
  `delete from account_choice where (fact, part) in (
     select fact, part from account_choice where at < now() - interval '7 days' limit $1)`,
  `delete from media where key = any(array(
     select key from media where key like 'gone:%' and at < now() - interval '1 day' limit $1))`,
  `delete from media where key = any(array(
     select key from media where at < now() - interval '7 days' and state <> 'arrived' limit $1))`,
  `delete from login where secret_hash = any(array(
     select secret_hash from login where expires_at < now() - interval '1 day' limit $1))`,
  `delete from secret where id = any(array(
     select id from secret where id like 'login:%' and not exists (
       select from login where secret_hash = substr(secret.id, 7) and used_at is null) limit $1))`,
  `delete from crypto_request where id = any(array(
     select id from crypto_request where expires_at < now() - interval '1 minute' limit $1))`,
  // Room keys are what a crypto store gathers without an end, all in memory while it is open: the next one that opens it
  // doesn't have these. Clients make new ones after a week, or after what a room says.
  `delete from crypto_row where ctid = any(array(
     select ctid from crypto_row where added_at < now() - interval '180 days' and store like 'inbound_group_sessions%' limit $1))`,
  `delete from process where ctid = any(array(
     select p.ctid from process p where lease_until < now() - interval '1 day'
       and not exists (select from lane where lane.owner = p.owner) limit $1))`,
].map((text, index) => ({
  name: `clean_up_${index}`,
  text: `${text} returning 1`,
}));

/** Deletes all that is too old. Another process may do the same at the same time. */
export async function cleanUp(reader: Reader): Promise<void> {
  for (const statement of statements) {
    let deleted = batch;
    while (deleted >= batch) deleted = (await reader.query(statement, [batch])).length;
  }
}
