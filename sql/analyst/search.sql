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
    -- websearch_to_tsquery stacks a negation for each dash, brackets and the like between them or not, and fails at the 33rd.
    plain := regexp_replace(plain, '(-[\s&|!()]*){2,}', ' ', 'g');
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

create or replace function analyst.find_articles(
    query text, since timestamptz, until timestamptz, in_language text, of_source text, on_topic text, most int)
returns table (found_id int, found_config regconfig, found_by tsquery, found_rank real, searched_since timestamptz)
language plpgsql stable set search_path = mediawatch, pg_catalog rows 50 as $$
declare
    ranked constant int := 1000;      -- matches that are ranked: the newest
    looked constant int := 3000;      -- articles with all words of a phrase that are looked at for the phrase: the newest
    configs regconfig[];
    asked tsquery[];
    matching text;
    only_marks int[];
    few boolean := on_topic is not null and (select coalesce(sum(v.articles), 0) <= 6000 from volume v where v.topic_id = on_topic);
    tagging int := (select g.tagging_id from topic_tagging g where g.topic_id = on_topic and g.state = 'live');
    exact boolean;
    ends date := (select max(a.published_at) + interval '2 days' from article a where a.loaded_at is not null);
    begins date;
    found_ids int[] := '{}';
    reached timestamptz;
    some_ids int[];
    oldest timestamptz;
    room int;
begin
    -- The query in the words of each language, and without order: of a phrase the index knows the words alone.
    select array_agg(config), array_agg(analyst.search_query(config, find_articles.query)) into configs, asked
    from unnest(array['simple', 'arabic', 'danish', 'german', 'greek', 'english', 'spanish', 'finnish', 'french', 'hindi', 'hungarian',
                      'indonesian', 'italian', 'lithuanian', 'dutch', 'norwegian', 'portuguese', 'romanian', 'russian', 'serbian',
                      'swedish', 'turkish']::regconfig[]) config
    where in_language is null or config = search_config(in_language);
    select string_agg(format('(s.words @@ %L::tsquery and s.marks && %L::int[])', loose, marks), ' or ') into matching
    from (select regexp_replace(q::text, '<(-|\d+)>', '&', 'g') as loose, array_agg(20000000 + c::oid::int) as marks
          from unnest(configs, asked) u (c, q) where q is not null and numnode(q) > 0 group by 1) loosened;
    if matching is null or (on_topic is not null and tagging is null) then
        return;
    end if;
    exact := not exists (select from unnest(asked) q where q::text ~ '<(-|\d+)>');
    only_marks := array(select search_mark(in_language) where in_language is not null
                        union all select 40000000 + coalesce((select o.source_id from source o where o.name = of_source), 0) where of_source is not null);
    if find_articles.until is not null then
        ends := least(ends, (find_articles.until at time zone 'UTC')::date + 1);
    end if;
    room := case when exact then ranked else looked end;
    -- Backwards in time, each stretch eight times the one before: a common word needs the first, a rare one all of them.
    for span in 0 .. 3 loop
        begins := case when span = 3 or few then null else ends - (2 * 8 ^ span)::int end;
        -- The articles of a small topic are looked through one by one; else the index is asked, and then the topic.
        execute format(
            'select array_agg(c.article_id), min(c.published_at) from (
                 select s.article_id, s.published_at from %s
                 where (%s) %s %s %s %s %s
                 order by s.published_at desc nulls last, s.article_id limit %s) c',
            case when tagging is not null and few then format(
                '(select t.article_id from article_topic t where t.tagging_id = %s and t.valid_to is null offset 0) t
                 cross join lateral (select * from article_search x where x.article_id = t.article_id offset 0) s', tagging)
                 else 'article_search s' end,
            matching,
            case when begins is not null then format('and s.marks && %L::int[]',
                array(select search_mark(begins + d, case span when 2 then 8 else 1 end) from generate_series(0, ends - begins, case span when 2 then 8 else 1 end) d
                      union select search_mark(ends, case span when 2 then 8 else 1 end))) end,
            case when only_marks <> '{}' then format('and s.marks @> %L::int[]', only_marks) end,
            case when begins is not null then format('and s.published_at >= %L and s.published_at < %L', begins::timestamptz, ends::timestamptz)
                 else format('and (s.published_at < %L or (s.published_at is null and %L))', ends::timestamptz, find_articles.since is null and find_articles.until is null) end,
            format('and (%1$L::timestamptz is null or s.published_at >= %1$L) and (%2$L::timestamptz is null or s.published_at < %2$L)', find_articles.since, find_articles.until),
            case when tagging is not null and not few then format(
                'and exists (select from article_topic t where t.tagging_id = %s and t.article_id = s.article_id and t.valid_to is null)', tagging) end,
            room) into some_ids, oldest;
        if some_ids is not null then
            room := room - cardinality(some_ids);
            if not exact then
                some_ids := array(
                    select s.article_id from article_search s join unnest(configs, asked) u (config, q) on u.config = s.config
                    where s.article_id = any(some_ids) and s.words @@ u.q);
            end if;
            found_ids := found_ids || some_ids;
        end if;
        if room <= 0 or cardinality(found_ids) >= ranked then
            reached := oldest;
            exit;
        end if;
        ends := begins;
        exit when ends is null or ends <= find_articles.since;
    end loop;
    return query
        with newest as (
            select s.article_id, s.published_at, s.words, u.q, s.config
            from article_search s join unnest(configs, asked) u (config, q) on u.config = s.config
            where s.article_id = any(found_ids) order by s.published_at desc nulls last, s.article_id limit ranked)
        select n.article_id, n.config, n.q, ts_rank_cd(n.words, n.q, 1), reached
        from newest n order by 4 desc, n.published_at desc nulls last, n.article_id limit least(find_articles.most, ranked);
end $$;
comment on function analyst.find_articles is 'What analyst.search finds, ranked; nobody but that function may ask it.';

create or replace function analyst.search(
    query text, since timestamptz default null, until timestamptz default null, language text default null, source text default null,
    topic text default null, most int default 50)
returns table (article_id int, story_id int, published_at timestamptz, source text, language text, title text, snippet text, rank real, url text,
               searched_since timestamptz)
language sql stable security definer set search_path = mediawatch, pg_catalog rows 50 as $$
    select a.article_id, a.story_id, a.published_at, o.name, a.language, a.title,
           ts_headline(f.found_config, regexp_replace(left(a.text, 100000), '\s+', ' ', 'g'), f.found_by,
                       'MaxFragments=2, MinWords=8, MaxWords=24, StartSel=«, StopSel=», FragmentDelimiter=" … "'),
           f.found_rank, a.url, f.searched_since
    from analyst.find_articles(search.query, search.since, search.until, search.language, search.source, search.topic, search.most) f
    join article a on a.article_id = f.found_id join source o using (source_id)
    where a.loaded_at is not null
    order by f.found_rank desc, a.published_at desc nulls last, a.article_id
$$;
comment on function analyst.search is
    'Articles by their words: "a phrase", or, -without, and a NEAR/5 b; ranked among the 1,000 newest that match; the words found are in «» in the snippet. '
    'Words are matched in the language of each article; Chinese, Japanese, Korean and Thai by pairs of characters, so a query in them needs two. '
    'searched_since: articles published before it were not looked at, since enough newer ones match; null when all were.';
revoke all on function analyst.search from public;
revoke all on function analyst.find_articles from public;
