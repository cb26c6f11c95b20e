-- Turns at a host shared by all workers, and how long a dead host is left alone.
alter table host add column next_at timestamptz, add column failures int not null default 0;
comment on column host.next_at is 'The next request that a worker may make there, when requests are spaced.';
comment on column host.failures is 'How often in a row it was given up as down; 0 once it answers.';
