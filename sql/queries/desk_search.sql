-- name: questions — a query for each configuration that articles have, or for a language's; none where it asks for nothing
with recursive known (config) as (
    (select config from article_search order by config limit 1)
    union all
    select (select s.config from article_search s where s.config > k.config order by s.config limit 1) from known k where k.config is not null)
select config::text, asked::text
from (select config, analyst.search_query(config, %(query)s) as asked from known
      where config is not null and (%(language)s::text is null or config = search_config(%(language)s::text))) q
where numnode(asked) > 0 order by 1;

-- name: hits — the newest articles of one configuration that match, or those after one of them; as a literal a query tells the planner how common it is
select s.article_id, coalesce(s.published_at, '-infinity')::text as at from article_search s join article a using (article_id)
where s.config = %(config)s::regconfig and s.words @@ %(asked)s::tsquery
  and (%(since)s::timestamptz is null or coalesce(s.published_at, '-infinity') >= %(since)s::timestamptz)
  and (%(until)s::timestamptz is null or coalesce(s.published_at, '-infinity') < %(until)s::timestamptz)
  and (%(at)s::timestamptz is null or (coalesce(s.published_at, '-infinity'), s.article_id) < (%(at)s::timestamptz, %(article_id)s::int))
  and (%(topic)s::text is null or a.topics @> array[%(topic)s::text]) and (%(source_id)s::int is null or a.source_id = %(source_id)s::int)
  and (%(language)s::text is null or a.language = %(language)s::text)
order by coalesce(s.published_at, '-infinity') desc, s.article_id desc limit %(count)s;

-- name: best — of these articles, those that match best
with queries as materialized (
    select config, analyst.search_query(config, %(query)s) as asked
    from (select distinct config from article_search where article_id = any(%(article_ids)s)) known)
select s.article_id from article_search s join queries q using (config)
where s.article_id = any(%(article_ids)s)
order by ts_rank_cd(s.words, q.asked, 1) desc, s.published_at desc nulls last, s.article_id limit %(count)s;

-- name: shown — these articles in their order, with the words found between two private characters
with queries as materialized (
    select config, analyst.search_query(config, %(query)s) as asked
    from (select distinct config from article_search where article_id = any(%(article_ids)s)) known)
select a.article_id, a.title, a.url, a.language, a.published_at, a.published_precision, a.topics, a.story_id,
       o.name as source, t.articles as copies, t.sources as outlets,
       ts_headline(s.config, translate(regexp_replace(left(a.text, 100000), '\s+', ' ', 'g'), e'\ue000\ue001', ''), q.asked,
                   e'MaxFragments=2, MinWords=8, MaxWords=24, StartSel=\ue000, StopSel=\ue001, FragmentDelimiter=" … "') as snippet
from article_search s join queries q using (config) join article a using (article_id) join source o using (source_id) left join story t using (story_id)
where s.article_id = any(%(article_ids)s) and a.loaded_at is not null
order by array_position(%(article_ids)s, s.article_id);

-- name: sources — sources whose name holds some text, the one of just that name first
select source_id, name from source where position(lower(%(name)s) in lower(name)) > 0
order by lower(name) <> lower(%(name)s), length(name), name limit %(count)s;

-- name: topics — the ids of the topics
select topic_id from topic order by 1;
