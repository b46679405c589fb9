-- Files carried from one network to the other, each once a portal. The table of 001 was never written to.
drop table media;

create table media (
  -- `media:<portal>:<kind>:<source>`: what an item waits for.
  key       text collate "C" primary key,
  portal    bigint not null,
  -- Slack's file, or the Matrix event and which of its files.
  source    text collate "C" not null,
  kind      text not null check (kind in ('file', 'thumbnail')),
  direction text not null check (direction in ('to_matrix', 'to_slack')),
  -- Who sent it: a Slack author, or a Matrix user.
  sender    text collate "C" not null,
  -- Where it comes to be: an mxc address, known before its bytes are sent; or Slack's file.
  target    text collate "C",
  -- Bytes: as announced until it arrived.
  size      bigint,
  mimetype  text,
  state     text not null default 'begun' check (state in ('begun', 'arrived', 'failed')),
  -- Why it can't come: a short constant, and words for people.
  reason    text,
  message   text,
  at        timestamptz not null default now()
);
create index media_source on media (portal, source);
create index media_at on media (at);

-- Whether what a parked item waits for is there; or, of a file, is known not to come.
create or replace function is_linked(parent_key text) returns boolean language sql stable as $$
  select case
    when parent_key like 'ts:%' then exists (select from message m
      where m.portal = split_part(parent_key, ':', 2)::bigint and m.ts = split_part(parent_key, ':', 3))
    when parent_key like 'event:%' then exists (select from message m
      where m.event_id = substr(parent_key, 7) and m.deleted_at is null)
    when parent_key like 'media:%' then exists (select from media m where m.key = parent_key and m.state <> 'begun')
    else false end
$$;
