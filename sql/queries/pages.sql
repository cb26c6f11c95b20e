-- name: begin_file — an archive file is about to be written
insert into archive_file (file, batch_id) values (%(file)s, %(batch_id)s) returning file;

-- name: insert — pages that were fetched; a refetch replaces its entry's page
insert into page (entry_id, url, hops, http_status, content_type, fetched_at, elapsed_ms, size_bytes, sha256, warc_file, warc_offset, warc_length, etag,
    last_modified)
values %s
on conflict (entry_id) do update set
    url = excluded.url, hops = excluded.hops, http_status = excluded.http_status, content_type = excluded.content_type,
    fetched_at = excluded.fetched_at, elapsed_ms = excluded.elapsed_ms, size_bytes = excluded.size_bytes, sha256 = excluded.sha256,
    warc_file = excluded.warc_file, warc_offset = excluded.warc_offset, warc_length = excluded.warc_length,
    etag = excluded.etag, last_modified = excluded.last_modified
returning page_id;

-- name: insert_twins — AMP twins that were fetched
insert into page_twin (entry_id, url, content_type, fetched_at, size_bytes, sha256, warc_file, warc_offset, warc_length) values %s
on conflict (entry_id) do nothing
returning entry_id;
