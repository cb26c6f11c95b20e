-- Full-text search in the language of each article; scripts without spaces by overlapping pairs of characters.
create function mediawatch.search_config(language text) returns regconfig language sql immutable parallel safe as $$
    select case language
        when 'ar' then 'arabic' when 'da' then 'danish' when 'de' then 'german' when 'el' then 'greek' when 'en' then 'english'
        when 'es' then 'spanish' when 'fi' then 'finnish' when 'fr' then 'french' when 'hi' then 'hindi' when 'hu' then 'hungarian'
        when 'id' then 'indonesian' when 'it' then 'italian' when 'lt' then 'lithuanian' when 'nl' then 'dutch' when 'no' then 'norwegian'
        when 'pt' then 'portuguese' when 'ro' then 'romanian' when 'ru' then 'russian' when 'sr' then 'serbian' when 'sv' then 'swedish'
        when 'tr' then 'turkish' else 'simple' end::regconfig
$$;
comment on function mediawatch.search_config is 'The text search configuration for a language (ISO 639-1); words as they are where there is none.';

create function mediawatch.search_pairs(run text) returns text language sql immutable parallel safe as $$
    select string_agg(one || coalesce(next, ''), ' ' order by at)
    from (select one, lead(one) over (order by at) as next, at from regexp_split_to_table(run, '') with ordinality c (one, at)) pairs
    where next is not null or at = 1
$$;
comment on function mediawatch.search_pairs is 'A run of characters as overlapping pairs: 中美关系 → 中美 美关 关系.';

create function mediawatch.search_words(body text, quote text default '') returns text language sql immutable parallel safe as $$
    select case when body ~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002ffff]' then (
        select string_agg(case when part[1] is null then part[2] else ' ' || quote || mediawatch.search_pairs(part[1]) || quote || ' ' end, '' order by at)
        from regexp_matches(body,
            '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002ffff]+)|([^\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002ffff]+)',
            'g') with ordinality m (part, at))
    else body end
$$;
comment on function mediawatch.search_words is 'A text whose scripts without spaces (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) are cut into pairs.';

create function mediawatch.search_vector(language text, title text, body text) returns tsvector language sql immutable parallel safe as $$
    select setweight(to_tsvector(mediawatch.search_config(language), mediawatch.search_words(left(title, 10000))), 'A')
        || to_tsvector(mediawatch.search_config(language), mediawatch.search_words(left(body, 200000)))
$$;
comment on function mediawatch.search_vector is 'What search knows of an article: its title, which weighs more, and the first 200,000 characters of its text.';

create table article_search (
    article_id   int primary key references article on delete cascade,
    config       regconfig not null,
    published_at timestamptz,
    words        tsvector not null
);
-- serves analyst.search
create index article_search_words_idx on article_search using gin (words);
comment on table article_search is 'Loaded articles as analyst.search finds them.';
comment on column article_search.article_id is 'The article.';
comment on column article_search.config is 'Text search configuration that its words were made with.';
comment on column article_search.published_at is 'As in the article, for the newest first.';
comment on column article_search.words is 'Its words; those of the title have weight A.';

insert into article_search (article_id, config, published_at, words)
select article_id, mediawatch.search_config(language), published_at, mediawatch.search_vector(language, title, text) from article where loaded_at is not null;
