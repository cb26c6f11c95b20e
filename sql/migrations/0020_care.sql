-- The ledger of a batch, and what is taken away again: by the rules of retention, or because a person had it taken down.

alter table mediawatch.batch add column sent_back int not null default 0;
comment on column mediawatch.batch.sent_back is 'Of its entries, those that left it before their end: not reached in time, or to be tried again later.';

alter table mediawatch.source add column keep_articles_days int check (keep_articles_days >= 0);
alter table mediawatch.source add column keep_pages_days int check (keep_pages_days >= 0);
alter table mediawatch.source add column keep_archive_days int check (keep_archive_days >= 0);
comment on column mediawatch.source.keep_articles_days is 'Days that its articles are kept after they were loaded; 0: for ever; null: as the settings say.';
comment on column mediawatch.source.keep_pages_days is 'Days that its pages which gave no article are kept; 0: for ever; null: as the settings say.';
comment on column mediawatch.source.keep_archive_days is 'Days that the archived bytes of its articles are kept; 0: for ever; null: as the settings say.';

alter table mediawatch.page add column discarded_at timestamptz;
comment on column mediawatch.page.discarded_at is 'When retention took its bytes out of the archive; warc_file then names a file in which they are no more.';
-- serves removals.old_bytes and removals.old_pages
create index page_fetched_idx on mediawatch.page (fetched_at) where discarded_at is null;

create table mediawatch.removal (
    entry_id bigint primary key references mediawatch.entry on delete cascade,
    why      text not null check (why in ('expired', 'forgotten')),
    asked_by text not null,
    asked_at timestamptz not null default now()
);
comment on table mediawatch.removal is 'Entries whose text and all that was made of it are to be taken away; a row goes when that is done.';
comment on column mediawatch.removal.entry_id is 'The entry.';
comment on column mediawatch.removal.why is 'expired: by the rules of retention; forgotten: a person had it taken down.';
comment on column mediawatch.removal.asked_by is 'By whom.';
comment on column mediawatch.removal.asked_at is 'When.';

create table mediawatch.removal_record (
    warc_file   text not null,
    warc_offset bigint not null,
    primary key (warc_file, warc_offset)
);
comment on table mediawatch.removal_record is 'Archive records that are to be taken out of their files; a row goes when that is done.';
comment on column mediawatch.removal_record.warc_file is 'The file.';
comment on column mediawatch.removal_record.warc_offset is 'Byte offset of the record''s gzip member.';

create table mediawatch.tombstone (
    url_key bytea primary key,
    why     text not null check (why in ('expired', 'forgotten')),
    asked_by text not null,
    at      timestamptz not null default clock_timestamp()
);
comment on table mediawatch.tombstone is 'What was taken away and does not come back: no poll, page or backfill makes it an entry or an article again.';
comment on column mediawatch.tombstone.url_key is 'Identity of the entry, or key of the URL of its page or article.';
comment on column mediawatch.tombstone.why is 'expired: by the rules of retention; forgotten: a person had it taken down.';
comment on column mediawatch.tombstone.asked_by is 'By whom.';
comment on column mediawatch.tombstone.at is 'When.';
