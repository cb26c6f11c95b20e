-- step: stories
insert into mediawatch.story (story_id, event_id, canonical_article_id, articles, sources, first_published_at, last_published_at, created_at, updated_at, agency)
overriding system value
with member as (
    select a.story_id, a.article_id, a.source_id, a.published_at, a.loaded_at, y.agency,
           row_number() over (partition by a.story_id order by coalesce(y.is_agency, false) desc,
               case when a.published_origin = 'feed' then null when a.published_precision = 'day' then a.published_at + interval '86399 seconds'
                    else a.published_at end nulls last, a.word_count desc, a.url_key) as place
    from mediawatch.article a left join mediawatch.syndication y using (article_id)),
total as (
    select story_id, max(article_id) filter (where place = 1) as canonical, count(*) as articles, count(distinct source_id) as sources,
           min(published_at) as first_at, max(published_at) as last_at, min(loaded_at) as made_at, max(loaded_at) as changed_at, max(agency) as agency
    from member group by 1)
select t.story_id, e.event_id, t.canonical, t.articles, t.sources, t.first_at, t.last_at, t.made_at, t.changed_at, t.agency
from total t join story_event e using (story_id);
-- step: events
insert into mediawatch.event (event_id, title, created_at, terms, stories, articles, sources, first_published_at, last_published_at, updated_at)
overriding system value
with member as (
    select s.event_id, s.story_id, s.articles, a.source_id, s.first_published_at, s.last_published_at, s.created_at, s.updated_at, c.title,
           row_number() over (partition by s.event_id order by s.sources desc, s.story_id, a.article_id) as place,
           a.article_id = s.canonical_article_id as is_first
    from mediawatch.story s join mediawatch.article a using (story_id) join mediawatch.article c on c.article_id = s.canonical_article_id),
total as (
    select event_id, max(title) filter (where place = 1) as title, min(created_at) as made_at, count(*) filter (where is_first) as stories,
           count(*) as articles, count(distinct source_id) as sources, min(first_published_at) as first_at, max(last_published_at) as last_at,
           max(updated_at) as changed_at
    from member group by 1)
select event_id, title, made_at, (regexp_split_to_array(lower(title), '[^[:alpha:]]+'))[1:6], stories, articles, sources, first_at, last_at, changed_at from total;
-- step: batches
insert into mediawatch.batch (batch_id, created_at, state, entries, lease_owner, lease_until, lease_count, finished_at)
overriding system value
select batch_id, min(first_seen_at), 'done', count(*), 'bench', max(settled_at), 5, max(settled_at) from mediawatch.entry where batch_id is not null group by 1;
-- step: polls
insert into mediawatch.feed_poll (feed_id, polled_at, result, reason, detail, http_status, size_bytes, elapsed_ms, entries, entries_new)
select f.feed_id, t.at, case when n.new > 0 then 'new' when bad then 'failed' when t.k %% 3 = 0 then 'same_body' when t.k %% 3 = 1 then 'not_modified' else 'nothing_new' end,
       case when n.new is null and bad then 'timeout' end, '', case when n.new is null and bad then null when n.new is null and t.k %% 3 = 1 then 304 else 200 end,
       20000, 150, 30, coalesce(n.new, 0)
from mediawatch.feed f
cross join lateral (
    select k, to_timestamp(k::bigint * f.interval_s + f.feed_id * 7 %% 900) as at
    from generate_series(extract(epoch from %(begin)s::timestamptz)::bigint / f.interval_s, extract(epoch from %(end)s::timestamptz)::bigint / f.interval_s - 1) k) t
cross join lateral (select (f.feed_id * 7919 + t.k) %% 211 < 2 or (f.feed_id %% 97 = 5 and t.at > %(end)s::timestamptz - interval '30 hours') as bad) b
left join (select feed_id, announced_at, count(*) as new from mediawatch.entry_announcement group by 1, 2) n on n.feed_id = f.feed_id and n.announced_at = t.at
where t.at not between %(out_from)s and %(out_to)s
order by t.at, f.feed_id;
-- step: feeds
update mediawatch.feed f set polled_at = p.polled_at, polls = p.polls, changed_at = p.changed_at, answered_at = p.answered_at,
    failures = case when p.answered_at = p.polled_at then 0 else 3 end, next_poll_at = now() + interval '30 days'
from (select feed_id, max(polled_at) as polled_at, count(*) as polls, max(polled_at) filter (where entries_new > 0) as changed_at,
             max(polled_at) filter (where result <> 'failed') as answered_at from mediawatch.feed_poll group by 1) p
where p.feed_id = f.feed_id;
-- step: gaps
insert into mediawatch.feed_gap (feed_id, from_at, to_at, interval_s, failures, possibly_missed)
select feed_id, from_at, to_at, interval_s, 0, feed_id %% 4 = 0
from (select p.feed_id, f.interval_s, lag(p.polled_at) over (partition by p.feed_id order by p.polled_at) as from_at, p.polled_at as to_at
      from mediawatch.feed_poll p join mediawatch.feed f using (feed_id)
      where p.result <> 'failed' and p.polled_at between %(out_from)s::timestamptz - interval '1 day' and %(out_to)s::timestamptz + interval '1 day') p
where to_at > from_at + make_interval(secs => interval_s + greatest(interval_s, 900));
-- step: sequences
select setval(pg_get_serial_sequence('mediawatch.entry', 'entry_id'), (select coalesce(max(entry_id), 1) from mediawatch.entry)) as entry,
       setval(pg_get_serial_sequence('mediawatch.page', 'page_id'), (select coalesce(max(page_id), 1) from mediawatch.page)) as page,
       setval(pg_get_serial_sequence('mediawatch.article', 'article_id'), (select coalesce(max(article_id), 1) from mediawatch.article)) as article,
       setval(pg_get_serial_sequence('mediawatch.story', 'story_id'), (select coalesce(max(story_id), 1) from mediawatch.story)) as story,
       setval(pg_get_serial_sequence('mediawatch.event', 'event_id'), (select coalesce(max(event_id), 1) from mediawatch.event)) as event,
       setval(pg_get_serial_sequence('mediawatch.batch', 'batch_id'), (select coalesce(max(batch_id), 1) from mediawatch.batch)) as batch,
       setval(pg_get_serial_sequence('mediawatch.article_topic', 'tag_id'), (select coalesce(max(tag_id), 1) from mediawatch.article_topic)) as article_topic;
-- step: counts
select mediawatch.rebuild_counts();
