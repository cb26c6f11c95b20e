-- What a source's titles end with: its name, its sections.
create table title_tail (
    source_id int not null references source on delete cascade,
    tail      text not null,
    titles    bytea[] not null,
    seen_at   timestamptz not null,
    known_at  timestamptz,
    primary key (source_id, tail)
);
-- serves maintenance.forget_tails: what few titles ended with, long ago
create index title_tail_seen_idx on title_tail (seen_at) where known_at is null;
comment on table title_tail is 'Words at the end of a source''s titles: what five titles share is the source''s, and is taken off titles that are first seen later.';
comment on column title_tail.source_id is 'The source.';
comment on column title_tail.tail is 'The words after the last separator, folded.';
comment on column title_tail.titles is 'Digests of up to five titles that ended with it.';
comment on column title_tail.seen_at is 'When a title last ended with it.';
comment on column title_tail.known_at is 'From when on it is the source''s; null as long as fewer titles share it.';

-- The AMP rendering of a page whose own text is missing or a stub.
create table page_twin (
    entry_id     bigint primary key references entry on delete cascade,
    url          text not null,
    content_type text,
    fetched_at   timestamptz not null,
    size_bytes   int not null,
    sha256       bytea not null,
    warc_file    text not null,
    warc_offset  bigint not null,
    warc_length  bigint not null
);
-- serves maintenance.orphans: whether a twin points to an archive file
create index page_twin_file_idx on page_twin (warc_file);
comment on table page_twin is 'The AMP twins that were asked for, once each: those of pages whose own text was missing or a stub.';
comment on column page_twin.entry_id is 'The entry whose page names it.';
comment on column page_twin.url is 'Where the fetch ended.';
comment on column page_twin.content_type is 'What it was labelled as.';
comment on column page_twin.fetched_at is 'When.';
comment on column page_twin.size_bytes is 'Bytes of its body.';
comment on column page_twin.sha256 is 'Digest of its body.';
comment on column page_twin.warc_file is 'Its record''s file, relative to the archive''s root.';
comment on column page_twin.warc_offset is 'Where the record begins.';
comment on column page_twin.warc_length is 'Its packed size.';
