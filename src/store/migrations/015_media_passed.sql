-- A message went on without the file: its words stand alone, whenever the file comes.
alter table media add column passed boolean not null default false;
