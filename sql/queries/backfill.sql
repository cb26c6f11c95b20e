-- name: begin — a WARC file is to be read: its progress so far, from the start when the file is not of the size that it was
insert into backfill (file, size_bytes) values (%(file)s, %(size)s)
on conflict (file) do update set
    size_bytes = excluded.size_bytes,
    read_bytes = case when backfill.size_bytes = excluded.size_bytes then backfill.read_bytes else 0 end,
    counts = case when backfill.size_bytes = excluded.size_bytes then backfill.counts else '{}' end,
    finished_at = case when backfill.size_bytes = excluded.size_bytes then backfill.finished_at end
returning read_bytes, counts, finished_at;

-- name: advance — read on from one offset to another; no row when another worker has read on from there
update backfill set read_bytes = %(to)s, counts = %(counts)s, updated_at = clock_timestamp(),
                    finished_at = case when %(to)s = size_bytes then clock_timestamp() end
where file = %(file)s and read_bytes = %(from)s
returning file;

-- name: wait — a WARC file is to be read on when there is room
insert into backfill (file, size_bytes, waits) values (%(file)s, %(size)s, true)
on conflict (file) do update set waits = true
returning file;

-- name: take_up — a WARC file waits no more; where it cannot be read, whoever wants it names it again
update backfill set waits = false where file = %(file)s and waits
returning file;

-- name: waiting — WARC files that are to be read on, those that have waited longest first
select file from backfill where waits order by updated_at, file;

-- name: sources — publishers with the addresses that are known of each, homepages first
select source_id, url from (
    select source_id, homepage as url, 1 as rank from source where homepage is not null
    union all select source_id, 'http://' || name, 2 from source where name ~ '^[^\s/]+\.[^\s/]+$'
    union all select source_id, url, 3 from feed) known
order by rank, source_id;

-- name: next_batch — the id of a batch that is about to be made
select nextval(pg_get_serial_sequence('mediawatch.batch', 'batch_id')) as batch_id;

-- name: make_batch — a batch whose pages are there already
insert into batch (batch_id, lease_owner, lease_until, entries) overriding system value
values (%(batch_id)s, %(owner)s, clock_timestamp() + make_interval(secs => %(lease_s)s), %(entries)s)
returning batch_id;

-- name: announce — entries that no feed announced: new ones are inserted, known ones are left as they are
insert into entry (identity, source_id, url, host, title, claimed_at, claimed_zone_min, first_seen_at, ready_at, stage, batch_id) values %s
on conflict (identity) do nothing
returning entry_id, identity;

-- name: known — which of these identities are entries, and whether each has failed without a page; what was taken away is known for good
select identity, entry_id, status = 'failed' and not exists (select from page p where p.entry_id = e.entry_id) as failed
from entry e where identity = any(%(identities)s)
union all select url_key, null, false from tombstone t
where url_key = any(%(identities)s) and not exists (select from entry e where e.identity = t.url_key);

-- name: rescue — failed entries whose page was found after all wait for extraction
update entry set stage = 'extract', status = 'pending', reason = null, settled_at = null, batch_id = %(batch_id)s
where entry_id = any(%(entry_ids)s::bigint[])
returning entry_id;

-- name: note_origins — the ledger says where the pages came from
insert into outcome (entry_id, stage, attempt, status, detail, at, batch_id) values %s
on conflict (entry_id, stage, attempt) do update set detail = excluded.detail, at = excluded.at, batch_id = excluded.batch_id
returning entry_id;

-- name: open_batches — what an owner has not finished, oldest first
select batch_id, entries from batch where state = 'open' and lease_owner = %(owner)s order by batch_id;
