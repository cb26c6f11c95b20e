-- name: head — an event, or the one that its stories went to
select event_id, title, terms, stories, articles, sources, first_published_at, last_published_at, updated_at,
       (select a.published_precision from story s join article a using (story_id)
        where s.event_id = event.event_id and s.first_published_at = event.first_published_at and a.published_at = event.first_published_at and a.loaded_at is not null limit 1) as first_precision,
       (select a.published_precision from story s join article a using (story_id)
        where s.event_id = event.event_id and s.last_published_at = event.last_published_at and a.published_at = event.last_published_at and a.loaded_at is not null limit 1) as last_precision
from event
where event_id = coalesce((select into_event_id from event_redirect where event_id = %(event_id)s), %(event_id)s) and articles > 0;

-- name: stories — a page of an event's stories in time, each as its canonical article tells it
select s.story_id, s.articles, s.sources, s.agency, s.first_published_at, s.last_published_at, a.article_id, a.title, a.language, a.topics,
       src.name as source, left(a.text, 6000) as text, coalesce(s.first_published_at, 'infinity')::text as at,
       (select f.published_precision from article f where f.story_id = s.story_id and f.published_at = s.first_published_at and f.loaded_at is not null limit 1) as first_precision
from story s join article a on a.article_id = s.canonical_article_id join source src on src.source_id = a.source_id
where s.event_id = %(event_id)s and s.articles > 0
  and (%(at)s::timestamptz is null or (coalesce(s.first_published_at, 'infinity'), s.story_id) > (%(at)s::timestamptz, %(story_id)s::int))
order by coalesce(s.first_published_at, 'infinity'), s.story_id limit %(count)s;

-- name: moments — when each story of an event began and how far it spread
select s.story_id, s.first_published_at, s.articles, src.name as source, a.title,
       (select f.published_precision from article f where f.story_id = s.story_id and f.published_at = s.first_published_at and f.loaded_at is not null limit 1) as first_precision
from story s join article a on a.article_id = s.canonical_article_id join source src on src.source_id = a.source_id
where s.event_id = %(event_id)s and s.articles > 0 and s.first_published_at is not null order by s.first_published_at, s.story_id limit %(count)s;

-- name: shares — languages and topics of an event's stories, by how many have them
select 'language' as what, coalesce(a.language, 'unknown') as name, count(*) as stories
from story s join article a on a.article_id = s.canonical_article_id where s.event_id = %(event_id)s and s.articles > 0 group by 2
union all
select 'topic', topic, count(*)
from story s join article a on a.article_id = s.canonical_article_id, unnest(a.topics) as topic where s.event_id = %(event_id)s and s.articles > 0 group by 2
order by 1, 3 desc, 2;

-- name: changes — stories that came to an event or left it, the newest first
select at, event_id, into_event_id, what, cardinality(stories) as stories from event_change
where event_id = %(event_id)s or into_event_id = %(event_id)s order by at desc limit %(count)s;
