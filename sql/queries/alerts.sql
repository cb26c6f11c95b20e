-- name: rules — all rules, by name
select r.rule, r.kind, r.threshold, r.least, r.window_h, r.topic_id as topic, s.name as source, r.source_id, r.channels, r.quiet_from, r.quiet_to, r.zone,
       r.enabled, r.note, r.author, r.created_at,
       (select count(*) from alert a where a.rule = r.rule and a.state = 'firing') as firing,
       (select max(a.first_at) from alert a where a.rule = r.rule) as last_fired_at
from alert_rule r left join source s using (source_id) order by r.rule;

-- name: put_rule — a rule, or its new wording; what ships is only put where there is none of its name
insert into alert_rule (rule, kind, threshold, least, window_h, topic_id, source_id, channels, quiet_from, quiet_to, zone, note, author)
values (%(rule)s, %(kind)s, %(threshold)s, %(least)s, %(window_h)s, %(topic)s, (select source_id from source where name = %(source)s), %(channels)s,
        %(quiet_from)s, %(quiet_to)s, %(zone)s, %(note)s, %(author)s)
on conflict (rule) do update set kind = excluded.kind, threshold = excluded.threshold, least = excluded.least, window_h = excluded.window_h,
    topic_id = excluded.topic_id, source_id = excluded.source_id, channels = excluded.channels, quiet_from = excluded.quiet_from,
    quiet_to = excluded.quiet_to, zone = excluded.zone, note = excluded.note, author = excluded.author
    where not %(only_new)s
returning rule;

-- name: scope — whether the topic and the publisher that a rule names are there
select (%(topic)s::text is null or exists (select from topic where topic_id = %(topic)s)) as topic,
       (%(source)s::text is null or exists (select from source where name = %(source)s)) as source;

-- name: enable — let a rule speak, or pause it
update alert_rule set enabled = %(enabled)s where rule = %(rule)s returning rule;

-- name: serialise — one process judges at a time
select pg_advisory_xact_lock(28017);

-- name: topic_counts — articles and stories of each topic by day of publication
select topic, day, count(*) as articles, count(distinct story_id) as stories
from (select unnest(topics) as topic, story_id,
             (published_at at time zone 'UTC' + make_interval(mins => coalesce(published_zone_min, 0)))::date as day
      from article where published_at >= %(since)s and published_at < %(until)s and loaded_at is not null and topics && %(topics)s::text[]) a
where topic = any(%(topics)s::text[])
group by 1, 2;

-- name: coverage — of the active feeds' time in each span, how much lay in gaps; null expected_s where there was no feed
with span as (select * from unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) s (since, until)),
watched as materialized (
    select feed_id, created_at, answered_at, interval_s from feed
    where state = 'active' and (%(source_id)s::int is null or source_id = %(source_id)s)),
gap as materialized (
    select g.feed_id, greatest(g.from_at, w.created_at) as from_at, coalesce(g.to_at, clock_timestamp()) as to_at
    from analyst.feed_gaps g join watched w using (feed_id)
    where coalesce(g.to_at, clock_timestamp()) > (select min(since) from span)
    union all
    select feed_id, created_at, clock_timestamp() from watched
    where answered_at is null and created_at + make_interval(secs => interval_s + greatest(interval_s, 900)) < clock_timestamp())
select s.since, s.until, e.feeds, e.expected_s, coalesce(m.missed_s, 0) as missed_s, m.feeds_missed, (1 - coalesce(m.missed_s, 0) / nullif(e.expected_s, 0))::float as share
from span s
cross join lateral (
    select count(*) as feeds, sum(extract(epoch from s.until - greatest(s.since, w.created_at))) as expected_s
    from watched w where w.created_at < s.until) e
cross join lateral (
    select sum(extract(epoch from least(s.until, g.to_at) - greatest(s.since, g.from_at))) as missed_s, count(distinct g.feed_id) as feeds_missed
    from gap g where g.from_at < s.until and g.to_at > s.since) m
order by 1;

-- name: seen_days — days on which anything at all was published
select d.day::date as day from generate_series(%(since)s::date, %(until)s::date, interval '1 day') d (day)
where exists (select from article where loaded_at is not null and published_at >= d.day and published_at < d.day + interval '1 day');

-- name: new_events — events that began since a time and that enough publishers carry, the most carried first; one that an alert's event has become is not new
select e.event_id, e.title, e.sources, e.articles, e.stories, e.first_published_at,
       (select array_agg(distinct src.name order by src.name) from story s join article a using (story_id) join source src using (source_id)
        where s.event_id = e.event_id and a.loaded_at is not null) as outlets
from event e
where e.articles > 0 and e.first_published_at >= %(since)s and e.first_published_at <= %(until)s and e.sources >= %(sources)s
  and (%(topic)s::text is null or exists (
      select from story s join article a using (story_id) where s.event_id = e.event_id and a.loaded_at is not null and a.topics @> array[%(topic)s::text]))
  and not exists (select from event_redirect r join alert x on x.rule = %(rule)s and x.key = r.event_id::text where r.into_event_id = e.event_id)
order by e.sources desc, e.event_id;

-- name: silent — feeds that bring nothing: they answer without anything new for much longer than is usual, or do not answer
select q.feed_id, q.source, q.url, q.last_new_at, q.silent_for, q.usual_gap, q.answered_at, true as answers, null::text as failing
from analyst.silent_feeds q join feed f using (feed_id)
where q.silent_for >= make_interval(hours => %(hours)s) and (%(source_id)s::int is null or f.source_id = %(source_id)s)
union all
select f.feed_id, s.name, f.url, f.changed_at, now() - coalesce(f.answered_at, f.created_at), null, f.answered_at, false,
       (select coalesce(p.reason, p.result) from feed_poll p where p.feed_id = f.feed_id order by p.polled_at desc, p.poll_id desc limit 1)
from feed f join source s using (source_id)
where f.state = 'active' and now() - coalesce(f.answered_at, f.created_at) >= make_interval(hours => %(hours)s)
  and now() - coalesce(f.answered_at, f.created_at) > make_interval(secs => f.interval_s + greatest(f.interval_s, 900))
  and (%(source_id)s::int is null or f.source_id = %(source_id)s)
order by source, url;

-- name: failures — what became of the entries that ended within a span, and why they failed, the commonest reasons first
with ended as (
    select status, coalesce(reason, '') as reason, count(*) as entries from entry
    where settled_at >= %(since)s and settled_at < %(until)s and status in ('failed', 'dropped') and (%(source_id)s::int is null or source_id = %(source_id)s) group by 1, 2),
loaded as (
    select count(*) as entries from article where loaded_at >= %(since)s and loaded_at < %(until)s and (%(source_id)s::int is null or source_id = %(source_id)s))
select coalesce(sum(entries) filter (where status = 'failed'), 0)::bigint as failed,
       coalesce(sum(entries) filter (where status = 'dropped'), 0)::bigint as dropped, (select entries from loaded) as loaded,
       coalesce(array_agg(reason || ' ' || entries order by entries desc, reason) filter (where status = 'failed'), '{}') as reasons
from ended;

-- name: raise — a rule has found something: a new alert, or the one that there is, with its newest words; was_new tells which
insert into alert (rule, key, title, why, path, facts, first_at, last_at)
values (%(rule)s, %(key)s, %(title)s, %(why)s, %(path)s, %(facts)s, %(now)s, %(now)s)
on conflict (rule, key) do update set state = 'firing', resolved_at = null, title = excluded.title, why = excluded.why, path = excluded.path,
    facts = excluded.facts, last_at = excluded.last_at
returning alert_id, xmax = 0 as was_new;

-- name: resolve — what a rule no longer finds
update alert set state = 'resolved', resolved_at = %(now)s where rule = %(rule)s and state = 'firing' and not key = any(%(keys)s)
returning alert_id;

-- name: expire — what a rule that nobody asks found, once it is old enough
update alert a set state = 'resolved', resolved_at = %(now)s from alert_rule r
where r.rule = a.rule and a.state = 'firing' and (not r.enabled or (r.kind = 'run_late' and a.last_at < %(now)s - make_interval(hours => r.window_h)))
returning a.alert_id;

-- name: address — where a new alert is to go
insert into alert_delivery (alert_id, channel, next_at) select %(alert_id)s, unnest(%(channels)s::text[]), %(now)s
on conflict do nothing returning channel;

-- name: claim — what is due for a channel; while it is being sent nobody else sends it
with due as (
    select d.alert_id, d.channel from alert_delivery d
    where d.state = 'waiting' and d.channel = %(channel)s and d.next_at <= %(now)s and d.alert_id = any(%(alerts)s) order by d.alert_id for update skip locked)
update alert_delivery d set next_at = %(now)s + make_interval(secs => %(lease_s)s), attempts = d.attempts + 1
from due, alert a, alert_rule r
where d.alert_id = due.alert_id and d.channel = due.channel and a.alert_id = d.alert_id and r.rule = a.rule
returning d.alert_id, d.attempts, a.rule, r.kind, r.note, a.title, a.why, a.path, a.state, a.first_at, a.resolved_at;

-- name: due — what waits to be sent now, with the quiet hours of its rule
select d.alert_id, d.channel, r.quiet_from, r.quiet_to, r.zone
from alert_delivery d join alert a using (alert_id) join alert_rule r using (rule)
where d.state = 'waiting' and d.next_at <= %(now)s order by d.channel, d.alert_id;

-- name: hold — until the quiet hours end
update alert_delivery set next_at = %(until)s, held = true where alert_id = %(alert_id)s and channel = %(channel)s and state = 'waiting' returning alert_id;

-- name: delivered — a channel has taken these
update alert_delivery set state = 'sent', sent_at = clock_timestamp(), last_error = '' where channel = %(channel)s and alert_id = any(%(alerts)s) and state <> 'sent'
returning alert_id;

-- name: undelivered — a channel has not taken these: the wait doubles with each attempt
update alert_delivery set last_error = %(detail)s, next_at = %(now)s + make_interval(secs => least(%(most_s)s, %(base_s)s * 2 ^ least(attempts - 1, 20)))
where channel = %(channel)s and alert_id = any(%(alerts)s) and state = 'waiting' returning alert_id, next_at;

-- name: attempted — one more line in the log of messages
insert into alert_attempt (channel, ok, what, alerts, detail) values (%(channel)s, %(ok)s, %(what)s, %(alerts)s, %(detail)s) returning attempt_id;

-- name: waiting — what is not delivered yet, by channel
select channel, count(*) as alerts, count(*) filter (where held) as held, max(attempts) as attempts, min(next_at) as next_at, max(last_error) as last_error
from alert_delivery where state = 'waiting' group by 1 order by 1;

-- name: list — alerts since a time, the newest first, with where they went
select a.alert_id, a.rule, r.kind, a.key, a.state, a.title, a.why, a.path, a.facts, a.first_at, a.last_at, a.resolved_at, a.acked_at, a.acked_by,
       (select min(d.sent_at) from alert_delivery d where d.alert_id = a.alert_id) as delivered_at,
       (select coalesce(bool_or(d.held), false) from alert_delivery d where d.alert_id = a.alert_id) as held,
       (select coalesce(array_agg(d.channel || ': ' || case d.state when 'waiting' then 'waiting, ' || d.attempts || ' tries' else d.state end order by d.channel), '{}')
        from alert_delivery d where d.alert_id = a.alert_id) as deliveries
from alert a join alert_rule r using (rule)
where a.first_at >= %(since)s and (not %(firing)s or a.state = 'firing') order by a.first_at desc, a.alert_id desc limit %(limit)s;

-- name: firing — what holds now and nobody has acknowledged, the newest first
select a.alert_id, a.rule, r.kind, a.title, a.why, a.path, a.facts, a.first_at, a.last_at, a.acked_at, a.acked_by, r.note
from alert a join alert_rule r using (rule) where a.state = 'firing' order by a.acked_at is not null, a.first_at desc, a.alert_id desc limit %(limit)s;

-- name: ack — a person knows of these
update alert set acked_at = coalesce(acked_at, clock_timestamp()), acked_by = coalesce(acked_by, %(by)s) where alert_id = any(%(alerts)s) returning alert_id;

-- name: drop_waiting — what was acknowledged is not sent any more
update alert_delivery set state = 'dropped' where alert_id = any(%(alerts)s) and state = 'waiting' returning alert_id;

-- name: pulse — how everything stands: what waits, how late the last hour's articles were, what is silent, what fires
select (select count(*) from entry where stage = 'fetch' and batch_id is null) as waiting_entries,
       (select count(*) from batch where state = 'open') as open_batches,
       (select count(*) from feed where state = 'active') as active_feeds,
       (select count(*) from analyst.feed_gaps where to_at is null) as mute_feeds,
       (select count(*) from analyst.silent_feeds) as silent_feeds,
       (select count(*) from alert where state = 'firing') as firing_alerts,
       (select count(*) from alert_delivery where state = 'waiting') as waiting_alerts,
       lag.p50 as lag_p50_s, lag.p95 as lag_p95_s
from (select percentile_cont(0.5) within group (order by late) as p50, percentile_cont(0.95) within group (order by late) as p95
      from (select extract(epoch from loaded_at - published_at)::float as late from article
            where loaded_at > clock_timestamp() - interval '1 hour' and published_precision <> 'day') a) lag;
