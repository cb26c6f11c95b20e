-- A WARC file that is not read to its end because the queue is full waits for room.
alter table mediawatch.backfill add column waits boolean not null default false;
comment on column mediawatch.backfill.waits is 'Whether reading stopped because too many entries were in open batches; backfill_archive goes on with it.';
