-- When somebody in Slack last gave or took back a reaction, as far as it was bridged: what is older comes too late.
create table reaction_change (
  portal     bigint not null,
  ts         text collate "C" not null,
  sender     text collate "C" not null,
  name       text collate "C" not null,
  -- Slack's event_ts.
  changed_ts text collate "C" not null,
  at         timestamptz not null default now(),
  primary key (portal, ts, sender, name)
);
create index reaction_change_at on reaction_change using brin (at);
