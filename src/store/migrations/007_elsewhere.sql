-- Items that a process stored which didn't have their lane: the process that has it looks for them whenever it stores
-- something in that lane itself. False for what is stored already: a process reads a lane when it leases it.
alter table inbox add column elsewhere boolean not null default false;

create index inbox_elsewhere on inbox (lane, seq) where elsewhere and state = 'ready';
