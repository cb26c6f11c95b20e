-- name: list — subscriptions by source and URL, from a key on, with what the last seven days brought
select f.feed_id, src.name as source, f.url, f.title, f.format, f.state, f.interval_s, f.next_poll_at, f.why, f.failures, f.polled_at, f.changed_at,
       p.result as last_result, p.reason as last_reason, p.detail as last_detail, n.week, n.before
from feed f join source src using (source_id)
left join lateral (select * from feed_poll p where p.feed_id = f.feed_id order by p.polled_at desc, p.poll_id desc limit 1) p on true
cross join lateral (
    select count(*) filter (where announced_at > now() - interval '7 days') as week,
           count(*) filter (where announced_at <= now() - interval '7 days') as before
    from entry_announcement a where a.feed_id = f.feed_id and announced_at > now() - interval '35 days') n
where (%(state)s::text is null or f.state = %(state)s)
  and (not %(failing)s or f.failures > 0)
  and (not %(quiet)s or (f.state = 'active' and f.failures = 0 and coalesce(f.changed_at, f.created_at) < now() - interval '7 days'))
  and (%(words)s::text is null or src.name ilike %(words)s or f.url ilike %(words)s or f.title ilike %(words)s)
  and (%(source)s::text is null or (src.name, f.url) > (%(source)s, %(url)s))
order by src.name, f.url limit %(limit)s;

-- name: counts — how many there are, by state
select count(*) as feeds, count(*) filter (where state = 'active') as active, count(*) filter (where state = 'paused') as paused,
       count(*) filter (where state = 'retired') as retired, count(*) filter (where failures > 0) as failing,
       count(*) filter (where state = 'active' and failures = 0 and coalesce(changed_at, created_at) < now() - interval '7 days') as quiet,
       count(*) filter (where state <> 'paused' and next_poll_at <= now()) as due
from feed;

-- name: one — a subscription
select f.*, src.name as source, src.homepage, src.tags,
       (select count(*) from entry_announcement n where n.feed_id = f.feed_id) as entries,
       r.last_new_at, r.usual_gap, r.longest_gap, r.quiet_limit
from feed f join source src using (source_id) join analyst.feed_rhythm r using (feed_id)
where f.feed_id = %(feed_id)s;

-- name: days — what it brought on each of the last days, and what was expected
select day, polls, ok_polls, entries, expected, silent from analyst.feed_coverage
where feed_id = %(feed_id)s and day > (now() at time zone 'UTC')::date - 43 order by day;

-- name: polls — its last polls
select polled_at, result, reason, detail, http_status, size_bytes, elapsed_ms, entries, entries_new
from feed_poll where feed_id = %(feed_id)s order by polled_at desc, poll_id desc limit %(limit)s;

-- name: changes — its history, the newest first
select at, what, was, becomes, why from feed_change where feed_id = %(feed_id)s order by at desc limit 50;

-- name: gaps — times without an answer, the newest first
select from_at, to_at, lasted, failures, possibly_missed from analyst.feed_gaps where feed_id = %(feed_id)s order by from_at desc limit 20;

-- name: entries — what it announced and what became of it, the newest first, from a key on
select e.entry_id, e.title, e.url, e.status, e.reason, e.stage, e.article_id, a.announced_at
from entry_announcement a join entry e using (entry_id)
where a.feed_id = %(feed_id)s
  and (%(at)s::timestamptz is null or (a.announced_at, a.entry_id) < (%(at)s::timestamptz, %(entry_id)s::bigint))
order by a.announced_at desc, a.entry_id desc limit %(limit)s;
