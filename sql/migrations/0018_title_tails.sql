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
