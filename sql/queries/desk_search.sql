-- name: hits — up to 1,000 of the newest articles that match, or of those up to a moment, the newest first, each with how well
select f.found_id as article_id, coalesce(s.published_at, '-infinity')::text as at, f.found_rank as rank
from analyst.find_articles(%(query)s, %(since)s::timestamptz,
    coalesce(%(upto)s::timestamptz + interval '1 microsecond' * %(with_it)s::boolean::int, %(until)s::timestamptz), %(language)s::text, %(source)s::text, %(topic)s::text, 1000) f
join article_search s on s.article_id = f.found_id
order by coalesce(s.published_at, '-infinity') desc, s.article_id desc;

-- name: shown — these articles in their order, with the words found between two private characters
with queries as materialized (
    select config, analyst.search_query(config, %(query)s) as asked
    from (select distinct config from article_search where article_id = any(%(article_ids)s)) known)
select a.article_id, a.title, a.url, a.language, a.published_at, a.published_precision, a.topics, a.story_id,
       o.name as source, t.articles as copies, t.sources as outlets,
       ts_headline(s.config, translate(left(a.title, 2000), e'\ue000\ue001', ''), q.asked, e'HighlightAll=true, StartSel=\ue000, StopSel=\ue001') as headline,
       ts_headline(s.config, translate(regexp_replace(left(a.text, 100000), '\s+', ' ', 'g'), e'\ue000\ue001', ''), q.asked,
                   e'MaxFragments=2, MinWords=8, MaxWords=24, StartSel=\ue000, StopSel=\ue001, FragmentDelimiter=" … "') as snippet
from article_search s join queries q using (config) join article a using (article_id) join source o using (source_id) left join story t using (story_id)
where s.article_id = any(%(article_ids)s) and a.loaded_at is not null
order by array_position(%(article_ids)s, s.article_id);

-- name: sources — sources whose name holds some text, the one of just that name first
select name from source where position(lower(%(name)s) in lower(name)) > 0
order by lower(name) <> lower(%(name)s), length(name), name limit %(count)s;

-- name: any — whether there is anything to be found at all
select exists (select from article_search) as found;

-- name: topics — the ids of the topics
select topic_id from topic order by 1;
