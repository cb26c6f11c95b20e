-- name: prune_polls — forget old rows of the log of polls, but never a feed's last one
delete from feed_poll p where polled_at < clock_timestamp() - make_interval(days => %(days)s)
  and exists (select from feed_poll n where n.feed_id = p.feed_id and n.polled_at > p.polled_at)
returning poll_id;

-- name: free_feeds — leases on feeds that ran out
update feed set lease_owner = null, lease_until = null where lease_until < clock_timestamp()
returning feed_id;

-- name: free_hosts — hosts that nobody has waited for lately
delete from host where greatest(hold_until, next_at) < clock_timestamp() - interval '7 days'
returning host;

-- name: forget_robots — robots.txt of sites that nobody has asked for a page lately
delete from robots where expires_at < clock_timestamp() - interval '40 days'
returning origin;

-- name: orphans — archive files begun before a time that neither a page nor a fetch of one points to
select file from archive_file f
where begun_at < %(before)s and not exists (select from page p where p.warc_file = f.file)
  and not exists (select from page_check c where c.warc_file = f.file)
  and not exists (select from page_twin t where t.warc_file = f.file) order by file;

-- name: forget_files — archive files that are gone
delete from archive_file where file = any(%(files)s);

-- name: forget_tails — what few titles of a source ended with, long ago
delete from title_tail where known_at is null and seen_at < clock_timestamp() - make_interval(days => %(days)s) returning tail;

-- name: forget_furniture — lines that no article has carried for long
delete from furniture where seen_at < clock_timestamp() - make_interval(days => %(days)s) returning line;

-- name: prune_attempts — forget old rows of the log of messages
delete from alert_attempt where at < clock_timestamp() - make_interval(days => %(days)s) returning attempt_id;

-- name: fold_arrivals — counts of arrivals in one row a kind; whoever adds a row meanwhile keeps it
with gone as (delete from arrival returning hour, status, reason, entries)
insert into arrival select hour, status, reason, sum(entries) from gone group by 1, 2, 3 having sum(entries) <> 0;
