-- A batch whose entries wait for extraction, their pages fetched.
with b as (
    insert into batch (entries, lease_owner, lease_until) values (%(entries)s, 'bench', now() + interval '1 day') returning batch_id),
e as (
    insert into entry (identity, source_id, url, host, title, claimed_at, first_seen_at, ready_at, stage, attempts, batch_id)
    select w.key, s.source_id, w.url, split_part(w.url, '/', 3), w.title, w.seen, w.seen, w.seen, 'extract', 1, b.batch_id
    from b, unnest(%(urls)s, %(keys)s::bytea[], %(titles)s, %(sources)s, %(seen)s::timestamptz[]) with ordinality w (url, key, title, source, seen, place)
    join source s on s.name = w.source order by w.place
    returning entry_id, url, first_seen_at, batch_id),
p as (
    insert into page (entry_id, url, http_status, content_type, fetched_at, elapsed_ms, size_bytes, sha256, warc_file, warc_offset, warc_length)
    select entry_id, url, 200, 'text/html; charset=utf-8', first_seen_at, 200, 60000, sha256(url::bytea), 'batch-' || batch_id, entry_id, 9000 from e),
o as (
    insert into outcome (entry_id, stage, attempt, status, at, batch_id) select entry_id, 'fetch', 1, 'ok', first_seen_at, batch_id from e)
select batch_id from b
