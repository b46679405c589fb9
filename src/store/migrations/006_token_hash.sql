-- By which a workspace is known again whose token Slack doesn't take any more. The token itself isn't kept.
alter table team add column token_hash text collate "C" unique;
