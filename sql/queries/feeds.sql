-- name: add_source — a publisher by name; the one that is there already keeps what it has
insert into source (name, homepage, tags) values (%(name)s, %(homepage)s, %(tags)s)
on conflict (name) do update set homepage = coalesce(source.homepage, excluded.homepage)
returning source_id;

-- name: add — subscribe to a URL; no row when it is subscribed already
insert into feed (source_id, url, url_key, title) values (%(source_id)s, %(url)s, %(url_key)s, %(title)s)
on conflict (url_key) do nothing
returning feed_id;

-- name: list — all subscriptions as people see them
select * from analyst.feeds order by source, url;

-- name: subscriptions — all feeds with their source, for an OPML export
select f.url, f.title, f.state, s.name as source, s.homepage, s.tags
from feed f join source s using (source_id) order by s.name, f.url;

-- name: by_url — one subscription, with what a poll needs to know of it
select feed_id, source_id, url, interval_s, failures, etag, last_modified, body_sha256, polled_at, state
from feed where md5(url) = md5(%(url)s) and url = %(url)s;

-- name: pause — no more polls until a person resumes it
update feed set state = 'paused', why = 'paused by hand'
where md5(url) = md5(%(url)s) and url = %(url)s
returning feed_id;

-- name: resume — due at once, with a clean slate
update feed set state = 'active', failures = 0, next_poll_at = clock_timestamp(), why = 'resumed by hand'
where md5(url) = md5(%(url)s) and url = %(url)s
returning feed_id;

-- name: retire — asked rarely from now on, until it answers
update feed set state = 'retired', next_poll_at = clock_timestamp() + make_interval(secs => %(probe_s)s), why = 'retired by hand'
where md5(url) = md5(%(url)s) and url = %(url)s
returning feed_id;

-- name: free_run — give back what a run holds
update feed set lease_owner = null, lease_until = null where starts_with(lease_owner, %(run)s || '/')
returning feed_id;

-- name: claim_due — lease due feeds to one owner; locked rows are another worker's
update feed set lease_owner = %(owner)s, lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
where feed_id in (
    select feed_id from feed
    where state <> 'paused' and (next_poll_at <= clock_timestamp() or (%(force)s and state = 'active'))
      and (lease_until is null or lease_until < clock_timestamp())
    order by next_poll_at limit %(limit)s
    for update skip locked)
returning feed_id;

-- name: of_owner — the feeds that an owner holds, with their lease renewed
update feed set lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
where lease_owner = %(owner)s
returning feed_id, source_id, url, interval_s, failures, etag, last_modified, body_sha256, polled_at;

-- name: record_polls — what each poll said, and when each feed is due again; frees the feeds
with v (feed_id, polled_at, result, reason, detail, http_status, size_bytes, elapsed_ms, entries, entries_new,
        format, title, etag, last_modified, body_sha256, state, interval_s, next_poll_at, failures, why) as (values %s),
logged as (
    insert into feed_poll (feed_id, polled_at, result, reason, detail, http_status, size_bytes, elapsed_ms, entries, entries_new)
    select feed_id, polled_at, result, reason, detail, http_status::int, size_bytes, elapsed_ms, entries, entries_new from v)
update feed f set
    format = coalesce(v.format, f.format), title = coalesce(nullif(v.title, ''), f.title),
    etag = v.etag, last_modified = v.last_modified, body_sha256 = v.body_sha256::bytea,
    state = case when f.state = 'paused' then f.state else v.state end,
    interval_s = v.interval_s, next_poll_at = v.next_poll_at, failures = v.failures, why = v.why,
    polled_at = v.polled_at, changed_at = case when v.entries_new > 0 then v.polled_at else f.changed_at end,
    lease_owner = null, lease_until = null
from v where f.feed_id = v.feed_id
returning f.feed_id;
