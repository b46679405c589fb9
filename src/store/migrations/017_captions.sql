-- Whether a text with one file is the file's caption: not all clients show captions.
alter table portal add column captions boolean not null default true;
