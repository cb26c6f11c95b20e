-- name: add_source — a publisher by name; the one that is there already keeps what it has, and gets the new tags
insert into source (name, homepage, tags) values (%(name)s, %(homepage)s, %(tags)s)
on conflict (name) do update set
    homepage = coalesce(source.homepage, excluded.homepage),
    tags = source.tags || array(select distinct tag from unnest(excluded.tags) tag where tag <> all(source.tags) order by tag)
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
select feed_id, source_id, url, coalesce(first_url, url) as identity_url, interval_s, failures, etag, last_modified, body_sha256, polled_at,
       polls, unmodified, distrust_until, state, retired_by, moved_to, moved_since, moved_polls, credential
from feed where md5(url) = md5(%(url)s) and url = %(url)s;

-- name: pause — no more polls until a person resumes it
update feed set state = 'paused', retired_by = null, why = 'paused by hand'
where md5(url) = md5(%(url)s) and url = %(url)s
returning feed_id;

-- name: resume — due at once, with a clean slate
update feed set state = 'active', retired_by = null, failures = 0, next_poll_at = clock_timestamp(), why = 'resumed by hand'
where md5(url) = md5(%(url)s) and url = %(url)s
returning feed_id;

-- name: retire — asked rarely from now on, whatever it answers
update feed set state = 'retired', retired_by = 'hand', next_poll_at = clock_timestamp() + make_interval(secs => %(probe_s)s), why = 'retired by hand'
where md5(url) = md5(%(url)s) and url = %(url)s
returning feed_id;

-- name: free_run — give back what a run holds
update feed set lease_owner = null, lease_until = null where starts_with(lease_owner, %(run)s || '/')
returning feed_id;

-- name: claim_due — lease due feeds to one owner, hosts in turn, none whose host wants us to wait or is in another shard's hands
with due as (
    select feed_id, next_poll_at, row_number() over (partition by host order by next_poll_at, feed_id) as turn
    from feed f
    where state <> 'paused' and retired_by is distinct from 'merge' and (next_poll_at <= clock_timestamp() or (%(force)s and state = 'active'))
      and (lease_until is null or lease_until < clock_timestamp())
      and not exists (select from host h where h.host = f.host and h.hold_until > clock_timestamp())
      and not (%(exclusive)s and exists (
          select from feed o where o.host = f.host and o.lease_owner is not null and o.lease_until > clock_timestamp())))
update feed set lease_owner = %(owner)s, lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
where feed_id in (
    select feed_id from feed
    where feed_id in (select feed_id from due where turn <= %(per_host)s order by turn, next_poll_at limit %(limit)s)
      and (lease_until is null or lease_until < clock_timestamp())
    for update skip locked)
returning feed_id;

-- name: of_owner — the feeds that an owner holds, with their lease renewed
update feed set lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
where lease_owner = %(owner)s
returning feed_id, source_id, url, coalesce(first_url, url) as identity_url, interval_s, failures, etag, last_modified, body_sha256, polled_at,
          polls, unmodified, distrust_until, state, retired_by, moved_to, moved_since, moved_polls, credential;

-- name: release — give back what a shard did not reach
update feed set lease_owner = null, lease_until = null where lease_owner = %(owner)s
returning feed_id;

-- name: set_credential — the name of the secret that a feed is asked with; none to ask without
update feed set credential = %(credential)s where md5(url) = md5(%(url)s) and url = %(url)s
returning feed_id;

-- name: record_polls — what each poll said, when each feed is due again, and what changed with it; frees the feeds; those in another's hand keep their state
with v (feed_id, polled_at, result, reason, detail, http_status, size_bytes, elapsed_ms, entries, entries_new,
        format, title, etag, last_modified, body_sha256, state, interval_s, next_poll_at, failures, why,
        unmodified, distrust_until, moved_to, moved_since, moved_polls, answered, again) as (values %s),
logged as (
    insert into feed_poll (feed_id, polled_at, result, reason, detail, http_status, size_bytes, elapsed_ms, entries, entries_new)
    select feed_id, polled_at, result, reason, detail, http_status::int, size_bytes, elapsed_ms, entries, entries_new from v),
changed as (
    insert into feed_change (feed_id, at, what, was, becomes, why)
    select feed_id, v.polled_at, 'state', f.state, v.state, v.why from v join feed f using (feed_id)
    where f.state <> v.state and f.state <> 'paused' and coalesce(f.retired_by, '') not in ('hand', 'merge')
    union all
    select feed_id, v.polled_at, 'validators', 'believed', 'not believed until ' || v.distrust_until,
           'a whole body had changed under the validators that a 304 had confirmed'
    from v join feed f using (feed_id)
    where v.distrust_until::timestamptz > v.polled_at and coalesce(f.distrust_until, '-infinity') <= v.polled_at),
gaps as (
    insert into feed_gap (feed_id, from_at, to_at, interval_s, failures, possibly_missed)
    select feed_id, f.answered_at, v.polled_at, f.interval_s, f.failures, v.entries > 0 and v.again = 0
    from v join feed f using (feed_id)
    where v.answered and v.polled_at > f.answered_at + make_interval(secs => f.interval_s + greatest(f.interval_s, 900)) and f.retired_by is distinct from 'hand')
update feed f set
    format = coalesce(v.format, f.format), title = coalesce(nullif(v.title, ''), f.title),
    etag = v.etag, last_modified = v.last_modified, body_sha256 = v.body_sha256::bytea,
    state = case when f.state = 'paused' or f.retired_by in ('hand', 'merge') then f.state else v.state end,
    retired_by = case when f.state = 'paused' or f.retired_by in ('hand', 'merge') then f.retired_by
                      when v.state = 'retired' then 'failures' end,
    interval_s = v.interval_s, next_poll_at = v.next_poll_at, failures = v.failures, why = v.why,
    polled_at = v.polled_at, changed_at = case when v.entries_new > 0 then v.polled_at else f.changed_at end,
    polls = f.polls + 1, unmodified = v.unmodified, distrust_until = v.distrust_until::timestamptz,
    moved_to = v.moved_to, moved_since = v.moved_since::timestamptz, moved_polls = v.moved_polls,
    answered_at = case when v.answered then v.polled_at else f.answered_at end,
    lease_owner = null, lease_until = null
from v where f.feed_id = v.feed_id
returning f.feed_id;

-- name: note_change — a row of a feed's history
insert into feed_change (feed_id, at, what, was, becomes, why)
values (%(feed_id)s, clock_timestamp(), %(what)s, %(was)s, %(becomes)s, %(why)s);

-- name: by_key — the feed that has a URL
select feed_id, url, state from feed where url_key = %(url_key)s;

-- name: move — another URL, whose answers are known already; a secret stays with the site that it was given for
update feed set url = %(url)s, url_key = %(url_key)s, first_url = coalesce(first_url, url),
                credential = case when %(same_site)s then credential end,
                moved_to = null, moved_since = null, moved_polls = 0
where feed_id = %(feed_id)s;

-- name: merge — another feed has its place: it is not polled any more
update feed set state = 'retired', retired_by = 'merge', why = %(why)s, moved_to = null, moved_since = null, moved_polls = 0
where feed_id = %(feed_id)s;

-- name: park — a key that no URL has, while two feeds exchange theirs
update feed set url_key = %(url_key)s where feed_id = %(feed_id)s;
