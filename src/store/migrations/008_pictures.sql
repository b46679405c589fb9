-- Pictures of Slack's that were uploaded to the homeserver: of who speaks in an app's message, of a workspace's emoji.
create table picture (
  url    text collate "C" primary key,
  -- Of its bytes: one that stands at several addresses is uploaded once.
  sha256 text collate "C" not null,
  mxc    text collate "C" not null
);
create index picture_sha256 on picture (sha256);
create index picture_mxc on picture (mxc);

-- Workspaces' own emoji, as Slack lists them. The value is the address of a picture, or `alias:` and another name.
create table emoji (
  team  text collate "C" not null,
  name  text collate "C" not null,
  value text collate "C" not null,
  -- When it was told last.
  at    timestamptz not null default now(),
  primary key (team, name)
);
create index emoji_value on emoji (team, value);
