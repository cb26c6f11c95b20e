create table backfill (
    file        text primary key,
    size_bytes  bigint not null,
    read_bytes  bigint not null default 0,
    counts      jsonb not null default '{}',
    begun_at    timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    finished_at timestamptz
);
comment on table backfill is 'WARC files that were read into entries and pages, and how far each was.';
comment on column backfill.file is 'Absolute path or URI.';
comment on column backfill.size_bytes is 'Its size when the reading began; a file of another size is read anew.';
comment on column backfill.read_bytes is 'Offset of the first record that is not stored yet.';
comment on column backfill.counts is 'Records so far by what became of them: pages, known, and the reasons of the others.';
comment on column backfill.begun_at is 'When it was first read.';
comment on column backfill.updated_at is 'When it was last read on.';
comment on column backfill.finished_at is 'When its end was reached.';
