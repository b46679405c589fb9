-- When `bridge.generation` rose last: a backup was made right after what it holds here.
alter table bridge add column beat_at timestamptz;

-- The database went back to this moment, and what the portal did since isn't known yet; null: nothing to find out.
alter table cursor add column restored_to timestamptz;
