-- Matrix users' own Slack accounts (puppets). Their tokens are in `secret`, as `puppet:<team>:<slack user>`.
create sequence puppet_version;
create table puppet (
  matrix_user text collate "C" not null,
  team        text collate "C" not null,
  slack_user  text collate "C" not null,
  -- What Slack calls them.
  name        text not null,
  scopes      text[] not null default '{}',
  -- Why the token can't be used any more, for people; null: it can.
  trouble     text,
  -- Words about it that the person hasn't been told yet.
  notice      text,
  -- Whether what they write in Slack appears under their Matrix account, if that can be.
  double      boolean not null default true,
  linked_at   timestamptz not null default now(),
  version     bigint not null default nextval('puppet_version'),
  primary key (matrix_user, team)
);
-- The sealed form holds its nonce, and the database knows which key it is sealed with.
alter table secret drop column key_id, drop column nonce;
alter table secret rename column ciphertext to sealed;
create unique index puppet_slack_user on puppet (team, slack_user);

-- One-time links by which people log in, or admins install the app. Of what opens them only hashes are kept.
create table login (
  -- SHA-256 of the secret in the link, in hexadecimal.
  secret_hash  text collate "C" primary key,
  kind         text not null check (kind in ('person', 'slack', 'code', 'install')),
  -- Who asked: a Matrix user, or (`slack`, and the `code` that they then give the bot in Matrix) a person of a workspace.
  matrix_user  text collate "C",
  team         text collate "C",
  slack_user   text collate "C",
  -- SHA-256 of what the browser that opened the link shows since then, and of the state that Slack gives back.
  browser_hash text collate "C",
  state_hash   text collate "C" unique,
  expires_at   timestamptz not null,
  used_at      timestamptz
);
create index login_expires_at on login (expires_at);

-- A direct chat of two people, or a group's: their rooms are made by themselves, and the bot is in none of their channels.
alter table portal add column kind text not null default 'channel' check (kind in ('channel', 'direct', 'group'));
-- Who reads it in Slack: the bot as a member, or linked people with their tokens.
alter table portal add column through text not null default 'bot' check (through in ('bot', 'people'));

-- Chats for which a room is being made. A room can't be asked for twice with the same result: whoever finds one begun
-- looks first whether it is there already.
create table chat_room (
  team     text collate "C" not null,
  channel  text collate "C" not null,
  begun_at timestamptz not null default now(),
  primary key (team, channel)
);

-- Through whose tokens a channel is read and heard that the bot isn't in.
create table channel_reader (
  team       text collate "C" not null,
  channel    text collate "C" not null,
  slack_user text collate "C" not null,
  seen_at    timestamptz not null default now(),
  primary key (team, channel, slack_user)
);

-- People of both sides with the same verified address, and what they said of it.
create table person_match (
  team        text collate "C" not null,
  slack_user  text collate "C" not null,
  matrix_user text collate "C" not null,
  state       text not null check (state in ('suggested', 'linked', 'refused')),
  at          timestamptz not null default now(),
  primary key (team, slack_user, matrix_user)
);
create index person_match_matrix_user on person_match (matrix_user);

-- As which Matrix account something was done, or begun, for a person in Slack who has one of their own beside their ghost.
create table account_choice (
  fact    text collate "C" not null,
  part    text collate "C" not null,
  account text collate "C" not null,
  at      timestamptz not null default now(),
  primary key (fact, part)
);
create index account_choice_at on account_choice using brin (at);

-- Whoever wants to be told nothing of accounts that could be theirs: a Matrix user, or `<team> <slack user>`.
create table match_refusal (
  person text collate "C" primary key,
  at     timestamptz not null default now()
);

-- Which people of a channel are in its room as ghosts; whether removing or inviting a ghost does so in Slack.
alter table portal
  add column members text not null default 'auto' check (members in ('auto', 'on', 'lazy', 'off')),
  add column kicks boolean not null default false,
  add column invites boolean not null default true;

-- The profile fields besides name and picture that the ghost has on the homeserver, and whether all of it is how another
-- organisation's workspace sees the person.
alter table ghost
  add column fields jsonb not null default '{}',
  add column foreign_view boolean not null default false;
