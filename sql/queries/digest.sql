-- name: stories — the stories on a topic that had articles on a day, the most carried first
with today as (
    select a.story_id, a.source_id from article a
    where a.loaded_at is not null and a.topics @> array[%(topic)s::text] and a.published_at >= %(since)s and a.published_at < %(until)s
      and (a.published_at at time zone 'UTC' + make_interval(mins => coalesce(a.published_zone_min, 0)))::date = %(day)s),
top as (
    select story_id, count(*) as articles, count(distinct source_id) as sources from today group by 1 order by 3 desc, 2 desc, 1 limit %(limit)s)
select t.story_id, c.title, src.name as source, c.url, c.language, s.agency, t.articles, t.sources, s.articles as all_articles, s.sources as all_sources,
       (select array_agg(distinct o.name order by o.name) from today d join source o using (source_id) where d.story_id = t.story_id) as outlets
from top t join story s using (story_id) join article c on c.article_id = s.canonical_article_id join source src on src.source_id = c.source_id
order by t.sources desc, t.articles desc, t.story_id;

-- name: events — events that began within a span, on a topic, that more than one publisher carries, the most carried first
select e.event_id, e.title, e.sources, e.stories, e.articles from event e
where e.articles > 0 and e.sources > 1 and e.first_published_at >= %(since)s and e.first_published_at < %(until)s
  and exists (select from story s join article a using (story_id) where s.event_id = e.event_id and a.loaded_at is not null and a.topics @> array[%(topic)s::text])
order by e.sources desc, e.articles desc, e.event_id limit %(limit)s;

-- name: new_sources — publishers with an article on a topic on a day, and none in the 28 days before
with today as (
    select distinct source_id from article
    where loaded_at is not null and topics @> array[%(topic)s::text] and published_at >= %(since)s and published_at < %(until)s
      and (published_at at time zone 'UTC' + make_interval(mins => coalesce(published_zone_min, 0)))::date = %(day)s)
select s.name from today join source s using (source_id)
where not exists (
    select from article b where b.source_id = s.source_id and b.loaded_at is not null and b.topics @> array[%(topic)s::text]
      and b.published_at < %(since)s and b.published_at >= %(since)s - interval '28 days')
order by 1;

-- name: gaps — feeds that gave no answer within a span, those first that did not for longest
select g.source, g.url, g.feed_id, extract(epoch from least(coalesce(g.to_at, clock_timestamp()), %(until)s) - greatest(g.from_at, %(since)s))::float as missed_s,
       g.possibly_missed
from analyst.feed_gaps g where g.from_at < %(until)s and coalesce(g.to_at, clock_timestamp()) > %(since)s
order by 4 desc, 2 limit %(limit)s;

-- name: topic_titles — what people call the topics
select topic_id as topic, title from topic order by 1;

-- name: sent — whether a channel has taken a day's digest
select exists (select from alert_attempt where channel = %(channel)s and ok and what = %(what)s) as sent;
