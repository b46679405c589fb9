-- Text columns that are compared or ordered as bytes are in collation "C": a ts compares as a string, a lane's order is
-- the same on every server. Payloads are sealed before they come here; no column holds what people wrote in clear.

-- One row: who this bridge is.
create table bridge (
  one_row         boolean primary key default true check (one_row),
  -- Random, made once: operation keys and transaction ids are derived from it, so they survive a restore.
  id              text not null,
  -- Of the key that seals payloads and secrets; null until the first start with a key.
  key_fingerprint text,
  -- Raised when the database was restored from a backup.
  generation      bigint not null default 1,
  created_at      timestamptz not null default now()
);

-- ---------------------------------------------------------------- queue

-- A running process of the bridge. It owns lanes as long as its lease runs (renewed every 3 s, for 10 s) and its connection
-- stands: a killed process loses its lanes at once, a stopped or cut-off one when the lease has run out.
create table process (
  owner         text primary key,
  lease_until   timestamptz not null,
  backend       integer not null,
  backend_start timestamptz not null,
  started_at    timestamptz not null default now()
);

create function is_alive(wanted text) returns boolean language sql stable as $$
  select exists (
    select from process p join pg_stat_activity a on a.pid = p.backend and a.backend_start = p.backend_start
    where p.owner = wanted and p.lease_until > now())
$$;

-- Never goes back, also when a lane's row is deleted and made again: an epoch names one ownership of one lane.
create sequence lane_epoch;

create table lane (
  lane     text collate "C" primary key,
  -- 0: messages; 1: members and profiles; 2: history.
  priority smallint not null default 0,
  owner    text,
  -- Changes with every change of owner; what an older owner writes is refused.
  epoch    bigint not null default nextval('lane_epoch')
);
create index lane_owner on lane (owner);

-- Every event that was acknowledged. An item leaves when its effects are done and remembered.
create table inbox (
  seq         bigint generated always as identity primary key,
  lane        text collate "C" not null,
  network     text not null check (network in ('slack', 'matrix')),
  -- The delivery's key in `seen`; the payload is sealed to it.
  delivery    uuid not null,
  -- Slack: ts or event_ts. Matrix: empty, the order is that of `seq`.
  src_ts      text collate "C" not null default '',
  -- The ts of a new Slack message: where a dead or skipped item leaves its mark.
  subject     text collate "C",
  -- The messages that its handler will ask for, as `ts:<portal>:<ts>` or `event:<id>`.
  about       text[] not null default '{}',
  -- Sealed; null once done.
  payload     bytea,
  received_at timestamptz not null default now(),
  state       text not null default 'ready' check (state in ('ready', 'parked', 'done', 'dead')),
  attempts    integer not null default 0,
  not_before  timestamptz,
  -- While parked: the message that it waits for. It waited long enough when `waited`.
  parent_key  text collate "C",
  waited      boolean not null default false,
  error       text
);
-- Sealed payloads don't compress.
alter table inbox alter column payload set storage external;
create index inbox_head on inbox (lane, src_ts, seq) where state = 'ready';
create index inbox_parent on inbox (parent_key) where state = 'parked';

-- Keys of deliveries and of facts, written with the inbox row. Deleted after 7 days.
create table seen (
  key uuid primary key,
  at  timestamptz not null default now()
);
create index seen_at on seen using brin (at);

-- Posts to Slack that were begun: committed before the call, since a post can't be repeated.
create table attempt (
  seq        bigint not null,
  -- Which Slack message of the item, from 0.
  piece      integer not null,
  lane       text collate "C" not null,
  plan_hash  text not null,
  -- HMAC(bridge id, event id, piece): in the post's metadata, so its echo and history can be matched to this row.
  op_key     text collate "C" not null unique,
  file_id    text,
  -- What the post will link (a message link without its ts), for an echo that comes first.
  link       json,
  started_at timestamptz not null default now(),
  -- When the call surely is over: until then nobody takes over the lane.
  deadline   timestamptz not null,
  epoch      bigint not null,
  state      text not null default 'open' check (state in ('open', 'applied', 'refused')),
  primary key (seq, piece)
);
create index attempt_open on attempt (lane) where state = 'open';

-- A lane with a post that may still be under way isn't taken over.
create function has_open_post(wanted text) returns boolean language sql stable as $$
  select exists (select from attempt a where a.lane = wanted and a.state = 'open' and a.deadline > now())
$$;

-- Items set aside for people to look at; the item itself is in `inbox` with its payload, for 30 days.
create table dead_letter (
  seq           bigint primary key,
  -- A short constant: `bug`, `malformed`, or why it can't be bridged.
  reason        text not null,
  error         text not null,
  -- The notice to the sender, when one was sent.
  noticed_event text,
  at            timestamptz not null default now()
);

-- ---------------------------------------------------------------- portals

-- Sum of versions and number of rows tell another process that something changed.
create sequence portal_version;

create table portal (
  id             bigint generated always as identity primary key,
  room_id        text collate "C" not null,
  status         text not null check (status in ('pending', 'filling', 'live', 'paused', 'frozen', 'unlinked')),
  paused_because text,
  -- Policy: what people chose for this portal.
  direction      text not null default 'both' check (direction in ('both', 'to-matrix', 'to-slack')),
  bots           boolean not null default true,
  notices        boolean not null default false,
  everyone       boolean not null default false,
  other_bridges  boolean not null default false,
  -- Slack messages older than this were never bridged live.
  since          text collate "C" not null,
  created_at     timestamptz not null default now(),
  version        bigint not null default nextval('portal_version')
);
create unique index portal_room_id on portal (room_id) where status <> 'unlinked';

-- One row per installed workspace that sees the channel; the lowest position is the one that we post through.
create table portal_channel (
  team     text collate "C" not null,
  channel  text collate "C" not null,
  portal   bigint not null references portal (id),
  name     text not null,
  position integer not null default 0,
  since    timestamptz not null default now(),
  until    timestamptz
);
create unique index portal_channel_open on portal_channel (team, channel) where until is null;
create index portal_channel_portal on portal_channel (portal);

-- Rooms before an upgrade.
create table portal_room (
  portal  bigint not null references portal (id),
  room_id text collate "C" not null,
  since   timestamptz not null default now(),
  until   timestamptz,
  primary key (portal, room_id)
);

-- How far each portal was read, for catch-up and for a restored backup.
create table cursor (
  portal     bigint primary key,
  history_ts text collate "C",
  room_event text collate "C",
  swept_at   timestamptz
);

-- ---------------------------------------------------------------- messages

-- Which Slack message (part) is which Matrix event (piece). Deleted ones stay: no sweep brings them back.
create table message (
  portal     bigint not null,
  ts         text collate "C" not null,
  -- A name, never a position: text, text.1, file:F…, copy (a broadcast's copy in the main timeline); none: nothing was sent.
  part       text collate "C" not null,
  event_id   text collate "C",
  -- Which Slack message of one long Matrix event, from 0.
  piece      integer not null default 0,
  room_id    text collate "C" not null,
  thread_ts  text collate "C",
  origin     text not null,
  source     text not null,
  -- The author of the original.
  sender     text collate "C" not null,
  -- The account that wrote our copy: only it may edit or delete.
  posted_as  text collate "C" not null,
  sent_at    timestamptz not null,
  last_edit  text collate "C",
  deleted_at timestamptz,
  primary key (portal, ts, part)
);
create unique index message_event on message (event_id, piece) where deleted_at is null;
create index message_event_deleted on message (event_id) where deleted_at is not null;
create index message_thread on message (portal, thread_ts, ts) where thread_ts is not null;
create index message_sender on message (sender);

-- Whether the message that a parked item waits for is there.
create function is_linked(parent_key text) returns boolean language sql stable as $$
  select case
    when parent_key like 'ts:%' then exists (select from message m
      where m.portal = split_part(parent_key, ':', 2)::bigint and m.ts = split_part(parent_key, ':', 3))
    when parent_key like 'event:%' then exists (select from message m
      where m.event_id = substr(parent_key, 7) and m.deleted_at is null)
    else false end
$$;

create table reaction (
  event_id  text collate "C" primary key,
  portal    bigint not null,
  ts        text collate "C" not null,
  name      text collate "C" not null,
  sender    text collate "C" not null,
  origin    text not null,
  posted_as text collate "C" not null,
  at        timestamptz not null default now()
);
create index reaction_message on reaction (portal, ts, name);
create index reaction_sender on reaction (sender);

-- Our edits, redactions and notices: events of ours that belong to a message without being its copy.
create table related (
  event_id text collate "C" primary key,
  portal   bigint not null,
  ts       text collate "C" not null,
  part     text collate "C" not null,
  kind     text not null
);
create index related_message on related (portal, ts);

-- Deletes that came before their original.
create table grave (
  portal bigint not null,
  ts     text collate "C" not null,
  at     timestamptz not null default now(),
  primary key (portal, ts)
);

-- Files carried over: an upload that was made is used again. `ts` is null until the share or its event tells it.
create table media (
  file_id  text collate "C" not null,
  kind     text not null check (kind in ('file', 'thumbnail')),
  mxc      text collate "C" not null,
  portal   bigint not null,
  event_id text collate "C",
  piece    integer not null default 0,
  ts       text collate "C",
  part     text collate "C",
  at       timestamptz not null default now(),
  primary key (file_id, kind, portal)
);
create index media_message on media (portal, ts);
create index media_event on media (event_id);

-- ---------------------------------------------------------------- people and workspaces

-- The Matrix users of ours, as they were last brought in step with the homeserver.
create table ghost (
  localpart      text collate "C" primary key,
  -- The Slack author that it stands for, and the workspace whose view sets name and picture; null for the bot.
  author         text collate "C",
  team           text collate "C",
  device_id      text not null,
  name           text,
  -- The picture: its address in Slack, a hash of its bytes, its copy in Matrix.
  picture_url    text,
  picture_sha256 text,
  picture_mxc    text collate "C",
  updated_at     timestamptz not null default now()
);
create index ghost_author on ghost (author);

create table team (
  id           text collate "C" primary key,
  name         text not null,
  url          text not null,
  app_id       text,
  bot_user     text,
  bot_id       text,
  -- Why it can't be used now, for people.
  trouble      text,
  installed_at timestamptz not null default now()
);

-- Tokens and keys, sealed to their id.
create table secret (
  id         text collate "C" primary key,
  key_id     text not null,
  nonce      bytea not null,
  ciphertext bytea not null
);

create table audit (
  id      bigint generated always as identity primary key,
  at      timestamptz not null default now(),
  actor   text not null,
  action  text not null,
  portal  bigint,
  details json not null
);
create index audit_portal on audit (portal, id);
