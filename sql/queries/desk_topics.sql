-- name: list — all topics: which version tags, which is the newest, which one is being built
select t.topic_id as topic, t.title, t.definition, g.version, g.live_at, n.version as newest_version, n.author, n.created_at, b.version as building
from topic t
left join topic_tagging g on g.topic_id = t.topic_id and g.state = 'live'
left join topic_tagging b on b.topic_id = t.topic_id and b.state = 'building'
join lateral (select version, author, created_at from topic_version v where v.topic_id = t.topic_id order by version desc limit 1) n on true
order by t.topic_id;

-- name: newest — when the newest article was published that is not from the future
select max(published_at) as at from article where loaded_at is not null and published_at <= now();

-- name: volumes — articles of each topic on each day, from a day until before another
select v.topic_id as topic, v.day, sum(v.articles)::int as articles
from topic t join volume v on v.topic_id = t.topic_id
where v.day >= %(since)s::date and v.day < %(until)s::date group by 1, 2;

-- name: volume — one topic on each day, counted in three ways; days without any article at all are left out
select d.day, coalesce(v.articles, 0) as articles, coalesce(v.stories, 0) as stories, coalesce(v.outlets, 0) as outlets
from (select day::date from generate_series(%(since)s::date, %(until)s::date - 1, interval '1 day') day) d
left join (
    select day, sum(articles)::int as articles, sum(stories)::int as stories, count(distinct source_id)::int as outlets
    from volume where topic_id = %(topic)s and day >= %(since)s::date and day < %(until)s::date group by day) v using (day)
where exists (select from volume a where a.topic_id is null and a.day = d.day) order by d.day;

-- name: articles — the newest articles on a topic, or those after one of them
select a.article_id, a.title, a.published_at, a.published_precision, a.language, a.story_id, s.name as source, t.articles as copies
from article a join source s using (source_id) left join story t using (story_id)
where a.loaded_at is not null and a.topics @> array[%(topic)s] and a.published_at is not null
  and (%(at)s::timestamptz is null or (a.published_at, a.article_id) < (%(at)s::timestamptz, %(article_id)s::int))
order by a.published_at desc, a.article_id desc limit %(count)s;

-- name: evidence — the words that put these articles on a topic, each with its sentence
select t.article_id, t.level, t.score, e.position, e.signal, e.matched, e.zone, e.weight, e.sentence_start,
       e.start_at - e.sentence_start as start_at, e.end_at - e.sentence_start as end_at,
       substr(case e.zone when 'title' then a.title else a.text end, e.sentence_start + 1, e.sentence_end - e.sentence_start) as sentence
from article_topic t
join topic_tagging g on g.tagging_id = t.tagging_id and g.state = 'live'
join article a using (article_id)
join topic_evidence e using (tag_id)
where t.topic_id = %(topic)s and t.article_id = any(%(article_ids)s) and t.valid_to is null and t.text_sha256 = a.text_sha256
order by t.article_id, e.position;

-- name: quality — how often a topic is right on the labelled articles, over all and by language
select * from analyst.topic_quality where topic = %(topic)s order by (language = 'all') desc, labelled desc, language;

-- name: recent — loaded articles that were published before a moment, the newest first
select article_id, title, text, language, url, published_at, published_precision, topics from article
where loaded_at is not null and published_at is not null
  and (%(at)s::timestamptz is null or (published_at, article_id) < (%(at)s::timestamptz, %(article_id)s::int))
order by published_at desc, article_id desc limit %(count)s;

-- name: recent_on — the same, of those that a topic tags
select article_id, title, text, language, url, published_at, published_precision, topics from article
where loaded_at is not null and published_at is not null and topics @> array[%(topic)s]
  and (%(at)s::timestamptz is null or (published_at, article_id) < (%(at)s::timestamptz, %(article_id)s::int))
order by published_at desc, article_id desc limit %(count)s;

-- name: building — the run that gives the stored articles a topic's next version, and how far it is
select g.version, g.retag_id, r.requested_by, r.requested_at, count(b.batch) as batches, count(b.finished_at) as finished, coalesce(sum(b.articles), 0)::int as articles
from topic_tagging g join topic_retag r using (retag_id) left join topic_retag_batch b using (retag_id)
where g.topic_id = %(topic)s and g.state = 'building' group by g.version, g.retag_id, r.requested_by, r.requested_at;

-- name: feed — the newest articles on a topic, as a feed tells them
select a.url, a.title, a.published_at, a.loaded_at, s.name as source, a.topics, t.words
from article a join source s using (source_id)
left join analyst.article_topics t on t.article_id = a.article_id and t.topic = %(topic)s
where a.loaded_at is not null and a.topics @> array[%(topic)s] and a.published_at is not null
order by a.published_at desc, a.article_id desc limit %(count)s;
