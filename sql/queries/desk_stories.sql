-- name: head — a story, or the one that its articles went to
select s.story_id, s.event_id, s.canonical_article_id, s.articles, s.sources, s.agency, s.first_published_at, s.last_published_at,
       a.title, a.language, a.topics, src.name as source, e.title as event_title, e.stories as event_stories,
       (select f.published_precision from article f where f.story_id = s.story_id and f.published_at = s.first_published_at and f.loaded_at is not null limit 1) as first_precision,
       (select l.published_precision from article l where l.story_id = s.story_id and l.published_at = s.last_published_at and l.loaded_at is not null limit 1) as last_precision
from story s
join article a on a.article_id = s.canonical_article_id
join source src on src.source_id = a.source_id
left join event e using (event_id)
where s.story_id = coalesce((select into_story_id from story_redirect where story_id = %(story_id)s), %(story_id)s) and s.articles > 0;

-- name: copies — a page of a story's loaded articles by time, each with the strongest link that holds it there
select a.article_id, a.title, a.url, src.name as source, a.published_at, a.published_precision, a.published_origin, a.word_count,
       coalesce(a.published_at, 'infinity')::text as at, l.kind, l.score, l.shared, l.part, l.covered, l.covered_other, l.other_id, l.other_source, l.method
from article a
join source src using (source_id)
left join lateral (
    select k.kind, k.score, k.shared, k.part, g.version as method, o.article_id as other_id, os.name as other_source,
           case when k.article_a = a.article_id then k.covered_a else k.covered_b end as covered,
           case when k.article_a = a.article_id then k.covered_b else k.covered_a end as covered_other
    from (select * from story_link where article_a = a.article_id union all select * from story_link where article_b = a.article_id) k
    join article o on o.article_id = case when k.article_a = a.article_id then k.article_b else k.article_a end
    join source os on os.source_id = o.source_id
    join generation g on g.generation_id = k.generation_id
    where o.story_id = a.story_id
    order by o.article_id = %(canonical)s desc, k.score desc, o.article_id limit 1) l on true
where a.story_id = %(story_id)s and a.loaded_at is not null and a.article_id <> %(canonical)s
  and (%(at)s::timestamptz is null or (coalesce(a.published_at, 'infinity'), a.article_id) > (%(at)s::timestamptz, %(article_id)s::int))
order by coalesce(a.published_at, 'infinity'), a.article_id limit %(count)s;

-- name: carriers — who carried a story when
select a.article_id, src.name as source, a.published_at, a.published_precision from article a join source src using (source_id)
where a.story_id = %(story_id)s and a.loaded_at is not null and a.published_at is not null order by a.published_at, a.article_id limit %(count)s;

-- name: text — one loaded article of a story
select a.article_id, a.title, a.text, a.url, a.published_at, a.published_precision, a.word_count, src.name as source
from article a join source src using (source_id)
where a.article_id = %(article_id)s and a.story_id = %(story_id)s and a.loaded_at is not null;

-- name: apart — articles of other stories that share text with the first twenty of a story's
select distinct on (o.article_id) o.article_id, o.title, o.story_id, src.name as source, k.kind, k.score, k.shared
from (select article_id, story_id from article where story_id = %(story_id)s and loaded_at is not null order by article_id limit 20) a
join lateral (select * from story_link where article_a = a.article_id union all select * from story_link where article_b = a.article_id) k on true
join article o on o.article_id = case when k.article_a = a.article_id then k.article_b else k.article_a end
join source src on src.source_id = o.source_id
where o.story_id <> a.story_id and o.loaded_at is not null
order by o.article_id, k.score desc limit %(count)s;

-- name: verdicts — what people said of a story's articles, the newest first
select v.article_a, v.article_b, v.same, v.author, v.note, v.said_at, a.title as title_a, b.title as title_b, sa.name as source_a, sb.name as source_b,
       a.story_id as story_a, b.story_id as story_b
from story_verdict v
join article a on a.article_id = v.article_a join article b on b.article_id = v.article_b
join source sa on sa.source_id = a.source_id join source sb on sb.source_id = b.source_id
where v.article_a = any(array(select article_id from article where story_id = %(story_id)s))
   or v.article_b = any(array(select article_id from article where story_id = %(story_id)s))
order by v.said_at desc limit %(count)s;
