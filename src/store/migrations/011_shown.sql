-- What people chose for a portal: whether topic, name and pins go across, and whether the room rests with the channel.
alter table portal add column topic boolean not null default true;
alter table portal add column room_name boolean not null default false;
alter table portal add column pins boolean not null default true;
alter table portal add column read_only boolean not null default true;

-- What both sides showed of themselves when they were last in step, as hashes: which of them has changed since.
create table shown (
  portal bigint not null,
  field  text collate "C" not null check (field in ('topic', 'name')),
  slack  uuid not null,
  matrix uuid not null,
  primary key (portal, field)
);

-- Slack messages that are pinned on both sides, or were once.
create table pin (
  portal     bigint not null,
  ts         text collate "C" not null,
  pinned     boolean not null,
  -- Slack's event_ts of the change, where Slack told it: what is older comes too late.
  changed_ts text collate "C" not null default '',
  -- When it came to be so here: a list of pins that was read before says nothing of it.
  changed_at timestamptz not null default clock_timestamp(),
  primary key (portal, ts)
);

-- Power levels of rooms that were raised while their channel is archived: what was there before, and what was put there.
create table closed_room (
  portal  bigint primary key,
  levels  json not null,
  -- Whether the levels are known to have been written.
  applied boolean not null default false
);
