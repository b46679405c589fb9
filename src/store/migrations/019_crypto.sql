-- The crypto stores of our users' devices, as the crypto module keeps them in databases of an IndexedDB. Keys are replaced by
-- names and values enciphered with a key that is sealed in `secret` as `crypto:store`: nothing can be read here but our own
-- users and devices.
create table crypto_database (
  id     bigint generated always as identity primary key,
  -- `<user>|<device>`, and what the module adds.
  name   text collate "C" not null unique,
  -- Version, stores and their indexes.
  schema json not null
);
-- Rows of a database that is in the table above; written with it only, so nothing else checks that.
create table crypto_row (
  database bigint not null,
  store    text collate "C" not null,
  key      bytea not null,
  value    bytea not null,
  -- When the row was new, not when it changed.
  added_at timestamptz not null default now(),
  primary key (database, store, key)
) with (fillfactor = 85);
create index crypto_row_added_at on crypto_row using brin (added_at);
-- Enciphered values don't compress.
alter table crypto_row alter column value set storage external;

-- What is known of our devices beside that.
create sequence crypto_list_change;
create table crypto_device (
  user_id   text collate "C" not null,
  device_id text collate "C" not null,
  -- Whether its keys are on the homeserver, signed by its user's.
  signed    boolean not null default false,
  -- Never to be used again: it is gone from the homeserver, or its store is older than what it did (a restored backup).
  retired   boolean not null default false,
  -- How far its /sync was read.
  since     text,
  -- It knows of the device lists that changed up to here (`user_device_list.change`).
  heard     bigint not null default 0,
  primary key (user_id, device_id)
);

-- One row: rises while a process leads, and the homeserver is told, so that a database that went back is noticed.
create table crypto_age (
  one_row boolean primary key default true check (one_row),
  age     bigint not null default 0
);
insert into crypto_age default values;

-- Users whose device lists changed, with the last time, for machines that were closed then.
create table user_device_list (
  user_id text collate "C" primary key,
  change  bigint not null
);
create index user_device_list_change on user_device_list (change);

-- What processes ask of the one that has the machines, for seconds; sealed. Lost when the database crashes: asked again.
create unlogged table crypto_request (
  id         uuid primary key,
  seq        bigint generated always as identity,
  kind       text not null,
  request    bytea not null,
  expires_at timestamptz not null,
  answer     bytea
);
create index crypto_request_open on crypto_request (seq) where answer is null;

-- The largest file that goes across, in bytes, where people of the room chose a smaller one; 0: as the configuration says.
alter table portal add column largest_file bigint not null default 0;

-- Whether a portal's room is to be encrypted; `default`: as the configuration says.
alter table portal add column encryption text not null default 'default'
  check (encryption in ('default', 'off', 'allow', 'on', 'require'));

-- Of a file in an encrypted room: what its key is derived with, and the checksum of its enciphered bytes.
alter table media add column nonce text, add column sha256 text;
