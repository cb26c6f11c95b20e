-- Full-text search for analysts. Applied by `mediawatch migrate` after the views.

create or replace function analyst.search_query(config regconfig, query text) returns tsquery language plpgsql stable parallel safe as $$
declare
    near text[];
    plain text := query;
    result tsquery;
    pair tsquery;
begin
    if length(query) > 2000 then
        raise exception 'a query has at most 2,000 characters, not %', length(query) using errcode = 'program_limit_exceeded';
    elsif (select count(*) from regexp_matches(query, 'NEAR', 'g')) > 10 then
        raise exception 'a query has NEAR at most 10 times' using errcode = 'program_limit_exceeded';
    end if;
    -- "a NEAR/5 b": within so many words of each other, in either order; without a number 4.
    for near in select regexp_matches(query, '([^\s"()]+)\s+NEAR(?:/(\d{1,2}))?\s+([^\s"()]+)', 'g') loop
        plain := regexp_replace(plain, '([^\s"()]+)\s+NEAR(?:/(\d{1,2}))?\s+([^\s"()]+)', ' ');
        pair := null;
        for n in 1 .. least(coalesce(near[2]::int, 4), 30) loop
            pair := coalesce(pair || tsquery_phrase(plainto_tsquery(config, near[1]), plainto_tsquery(config, near[3]), n),
                             tsquery_phrase(plainto_tsquery(config, near[1]), plainto_tsquery(config, near[3]), n))
                    || tsquery_phrase(plainto_tsquery(config, near[3]), plainto_tsquery(config, near[1]), n);
        end loop;
        result := coalesce(result && pair, pair);
    end loop;
    -- Scripts without spaces become phrases of pairs, inside quotation marks and outside.
    select string_agg(mediawatch.search_words(part, case when at % 2 = 1 then '"' else '' end), '"' order by at) into plain
    from regexp_split_to_table(plain, '"') with ordinality parts (part, at);
    if trim(plain) <> '' then
        pair := websearch_to_tsquery(config, plain);
        result := coalesce(result && pair, pair);
    end if;
    return result;
end $$;
comment on function analyst.search_query is 'A query as people type it into a search box, for one configuration.';

create or replace function analyst.search(
    query text, since timestamptz default null, until timestamptz default null, language text default null, source text default null,
    topic text default null, most int default 50)
returns table (article_id int, story_id int, published_at timestamptz, source text, language text, title text, snippet text, rank real, url text)
language sql stable security definer set search_path = mediawatch, pg_catalog rows 50 as $$
    with queries as materialized (
        select config, analyst.search_query(config, search.query) as asked
        from unnest(array['simple', 'arabic', 'danish', 'german', 'greek', 'english', 'spanish', 'finnish', 'french', 'hindi', 'hungarian',
                          'indonesian', 'italian', 'lithuanian', 'dutch', 'norwegian', 'portuguese', 'romanian', 'russian', 'serbian',
                          'swedish', 'turkish']::regconfig[]) config
        where search.language is null or config = search_config(search.language)),
    newest as (
        select f.article_id, f.published_at, f.words, q.asked, q.config
        from queries q cross join lateral (
            select s.article_id, s.published_at, s.words
            from article_search s
            where s.words @@ q.asked and s.config = q.config
              and (search.since is null or s.published_at >= search.since) and (search.until is null or s.published_at < search.until)
              and (search.topic is null or exists (
                  select from article_topic t join topic_tagging g using (tagging_id)
                  where t.article_id = s.article_id and t.topic_id = search.topic and g.state = 'live' and t.valid_to is null))
              and (search.source is null or exists (
                  select from article a join source o using (source_id) where a.article_id = s.article_id and o.name = search.source))
            order by s.published_at desc nulls last limit 1000) f
        order by f.published_at desc nulls last limit 1000),
    best as (
        select n.article_id, n.asked, n.config, ts_rank_cd(n.words, n.asked, 1) as rank
        from newest n order by 4 desc, n.published_at desc nulls last, n.article_id limit least(search.most, 1000))
    select a.article_id, a.story_id, a.published_at, o.name, a.language, a.title,
           ts_headline(b.config, regexp_replace(left(a.text, 100000), '\s+', ' ', 'g'), b.asked, 'MaxFragments=2, MinWords=8, MaxWords=24, StartSel=«, StopSel=», FragmentDelimiter=" … "'),
           b.rank, a.url
    from best b join article a using (article_id) join source o using (source_id)
    where a.loaded_at is not null
      and (search.language is null or a.language = search.language)
    order by b.rank desc, a.published_at desc nulls last, a.article_id
$$;
comment on function analyst.search is
    'Articles by their words: "a phrase", or, -without, and a NEAR/5 b; ranked among the 1,000 newest that match; the words found are in «» in the snippet. '
    'Words are matched in the language of each article; Chinese, Japanese, Korean and Thai by pairs of characters, so a query in them needs two.';
revoke all on function analyst.search from public;
