-- The bot's replies in Slack that say who in Matrix reacted to a message with what; only where a portal's policy wants them.
create table reaction_note (
  portal      bigint not null,
  -- The message.
  ts          text collate "C" not null,
  -- The reply; null while there is none, or its ts isn't known.
  note_ts     text collate "C",
  -- When it was begun to be posted: until note_ts is known it may be there.
  begun_at    timestamptz,
  -- Since when it doesn't show how things stand; null: it does.
  outdated_at timestamptz,
  -- Some process is at it.
  taken_until timestamptz,
  primary key (portal, ts)
);
create index reaction_note_outdated on reaction_note (outdated_at) where outdated_at is not null;
