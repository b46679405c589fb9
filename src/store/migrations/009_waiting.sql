-- What says to people that something of theirs waits, until it is taken away again. A row is written before its words are
-- sent, so that none are forgotten in a room after a crash.
create table waiting_mark (
  lane     text collate "C" not null,
  -- reaction: the bot's, to one message; notice: the bot's, for all that waits in the lane; told: a person in Slack.
  kind     text not null check (kind in ('reaction', 'notice', 'told')),
  -- The waiting item's seq; empty; the person.
  subject  text collate "C" not null,
  room_id  text collate "C" not null,
  -- The message that is reacted to.
  target   text collate "C",
  -- Ours; null until it is known.
  event_id text collate "C",
  at       timestamptz not null,
  primary key (lane, kind, subject)
);

alter table portal
  add column waiting text not null default 'reaction' check (waiting in ('reaction', 'notice', 'off')),
  add column reaction_names boolean not null default false;
