-- name: totals — how much of everything there is
select (select count(*) from feed) as feeds,
       (select count(*) from feed where polled_at is not null) as feeds_polled,
       (select count(*) from entry) as entries,
       (select count(*) from entry where status = 'pending') as pending,
       (select count(*) from page) as pages,
       (select count(*) from article where loaded_at is not null) as articles,
       (select count(*) from story where articles > 0) as stories,
       (select count(*) from event where articles > 0) as events;

-- name: endings — what entries came to, by reason
select status, reason, count(*) as entries from entry group by 1, 2 order by 1, 3 desc, 2;

-- name: topics — articles and stories on each topic
select t.topic_id as topic, count(a.article_id) as articles, count(distinct a.story_id) as stories,
       count(a.article_id) filter (where x.level = 'primary') as primary_articles
from topic t left join topic_tagging g on g.topic_id = t.topic_id and g.state = 'live'
left join article_topic x on x.tagging_id = g.tagging_id and x.valid_to is null left join article a on a.article_id = x.article_id and a.loaded_at is not null
group by 1 order by 1;

-- name: polls — how the polls since a time ended
select result, reason, count(*) as polls, sum(entries) as entries, sum(entries_new) as entries_new
from feed_poll where polled_at >= %(since)s group by 1, 2 order by 3 desc, 1;

-- name: waiting — pending entries by the stage that they wait for, and when the next one may be fetched
select stage, count(*) as entries, min(ready_at) as next_at from entry where status = 'pending' group by 1;

-- name: balance — the ledger's sum, and what would break the promise: each further figure is to be 0
select count(*) as entries,
       count(*) filter (where status = 'loaded') as loaded,
       count(*) filter (where status = 'dropped') as dropped,
       count(*) filter (where status = 'failed') as failed,
       count(*) filter (where status = 'pending') as pending,
       count(*) filter (where status = 'loaded' and not exists (
           select from article a where a.entry_id = entry.entry_id and a.loaded_at is not null
             and a.story_id is not null and a.text <> '')) as without_article,
       count(*) filter (where reason = 'same_page' and not exists (
           select from article a join entry o on o.entry_id = a.entry_id
           where a.article_id = entry.article_id and (a.loaded_at is not null or o.status = 'pending'))) as without_twin,
       count(*) filter (where status = 'pending' and exists (
           select from batch b where b.batch_id = entry.batch_id and b.state = 'done')) as stranded,
       count(*) filter (where status <> 'pending' and not exists (
           select from outcome o where o.entry_id = entry.entry_id)) as without_outcome
from entry;

-- name: ready — how many feeds a poll would take now
select count(*) as feeds from feed
where (state <> 'paused' and retired_by is distinct from 'merge' and next_poll_at <= clock_timestamp()) or (%(force)s and state = 'active');

-- name: due — pending entries, and those of them that a claim would take now
select count(*) as pending,
       count(*) filter (where stage = 'fetch' and batch_id is null and ready_at <= clock_timestamp()) as due
from entry where status = 'pending';

-- name: widest_story — the story that the most publishers carry
select story_id from story where articles > 1 order by sources desc, articles desc, story_id limit 1;

-- name: carriers — the articles of a story, the canonical one first, with the beginning of each
select a.article_id, src.name as source, a.title, a.published_at, a.published_precision, a.published_origin, a.word_count,
       left(a.text, 400) as beginning, a.article_id = s.canonical_article_id as is_canonical
from article a join source src using (source_id) join story s using (story_id)
where a.story_id = %(story_id)s and a.loaded_at is not null
order by is_canonical desc, a.published_at, a.article_id;

-- name: unpolled — active feeds that no poll has reached since a time
select count(*) from feed where state = 'active' and (polled_at is null or polled_at < %(since)s);

-- name: coverage — active feeds that answer and bring nothing new, and gaps that ended since a time or still last
select (select count(*) from analyst.silent_feeds) as silent_feeds,
       count(*) filter (where to_at >= %(since)s) as gaps, count(*) filter (where possibly_missed and to_at >= %(since)s) as gaps_possibly_missed,
       count(*) filter (where to_at is null) as gaps_open
from analyst.feed_gaps where to_at >= %(since)s or to_at is null;

-- name: examples — one of each thing that has a page of its own: the story that the most publishers carry, and what belongs to it
with widest as (
    select story_id, event_id, canonical_article_id from story where articles > 0 order by sources desc, articles desc, story_id limit 1)
select (select story_id from widest) as story, (select event_id from widest) as event, (select canonical_article_id from widest) as article,
       (select min(n.feed_id) from widest w join article a on a.article_id = w.canonical_article_id join entry_announcement n using (entry_id)) as feed,
       (select min(topic_id) from topic) as topic,
       (select max(e.batch_id) from widest w join article a on a.article_id = w.canonical_article_id join entry e using (entry_id)) as batch;
