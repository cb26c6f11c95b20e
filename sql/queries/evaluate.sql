-- name: insert_sources — publishers of labelled articles
insert into source (name) values %s on conflict (name) do nothing returning source_id;

-- name: insert_batch — a batch under its owner's lease
insert into batch (entries, lease_owner, lease_until) values (%(entries)s, %(owner)s, now() + interval '1 day') returning batch_id;

-- name: insert_articles — labelled articles as extraction leaves them, waiting for deduplication
with v (number, source, url, url_key, title, text, text_sha256, language, words, published_at) as (values %s),
generation as (
    insert into generation (stage, version, config_hash, state) values ('extract', 'labelled', '', 'live')
    on conflict (stage, version, config_hash) do update set state = 'live' returning generation_id),
e as (
    insert into entry (identity, source_id, url, title, first_seen_at, ready_at, stage, batch_id)
    select v.url_key, s.source_id, v.url, v.title, now(), now(), 'deduplicate', %(batch_id)s
    from v join source s on s.name = v.source order by v.number
    returning entry_id, source_id, identity),
p as (
    insert into page (entry_id, url, http_status, fetched_at, elapsed_ms, size_bytes, sha256, warc_file, warc_offset, warc_length)
    select e.entry_id, v.url, 200, now(), 0, 0, '', '', 0, 0 from e join v on v.url_key = e.identity order by e.entry_id
    returning page_id, entry_id, fetched_at)
insert into article (entry_id, page_id, source_id, generation_id, url, url_key, title, text, text_sha256, language, language_confidence,
    word_count, published_at, published_precision, published_origin, first_seen_at, fetched_at, engine)
select e.entry_id, p.page_id, e.source_id, generation.generation_id, v.url, v.url_key, v.title, v.text, v.text_sha256, v.language, 1,
    v.words, v.published_at::timestamptz, case when v.published_at is null then null else 'day' end, 'meta', p.fetched_at, p.fetched_at, 'labelled'
from e join v on v.url_key = e.identity join p using (entry_id) cross join generation order by e.entry_id
returning article_id;

-- name: stories — which story each article is in
select url, story_id from article;

-- name: events — which event each article is in
select a.url, s.event_id from article a join story s using (story_id);
