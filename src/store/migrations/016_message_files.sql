-- Which messages of a portal show a file.
create index message_file on message (portal, part) where part like '%file:%' and deleted_at is null;
