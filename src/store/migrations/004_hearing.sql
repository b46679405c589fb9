-- Until when the events of a workspace surely came: the next start knows how long nobody was there to take them.
create table hearing (
  team text collate "C" primary key,
  at   timestamptz not null
);
