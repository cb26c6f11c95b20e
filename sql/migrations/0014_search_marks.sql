-- Search by words and by time, language and source in one index; and searches that are kept.
create function mediawatch.search_mark(language text) returns int language sql immutable parallel safe as $$
    select 30000000 + coalesce(ascii(language) * 256 + ascii(substr(language, 2)), 0)
$$;
comment on function mediawatch.search_mark(text) is 'A language among the marks of article_search.';

create function mediawatch.search_mark(day date, span int) returns int language sql immutable parallel safe as $$
    select case span when 1 then 0 else 10000000 end + floor((day - date '2000-01-01') / span::numeric)::int
$$;
comment on function mediawatch.search_mark(date, int) is 'A day (span 1) or the eight days that it is in (span 8) among the marks of article_search.';

create function mediawatch.search_marks(config regconfig, published_at timestamptz, language text, source_id int) returns int[] language sql immutable parallel safe as $$
    select array_remove(array[mediawatch.search_mark((published_at at time zone 'UTC')::date, 1), mediawatch.search_mark((published_at at time zone 'UTC')::date, 8),
                              20000000 + config::oid::int, mediawatch.search_mark(language), 40000000 + source_id], null)
$$;
comment on function mediawatch.search_marks is 'What an article is found by beside its words: day, eight days, configuration, language, source.';

-- A table of its own: to rewrite each row of the old one would write each word of each article into its index again.
alter table article_search rename to article_search_0013;
do $$
declare
    name text;
begin
    for name in select conname from pg_constraint where conrelid = 'article_search_0013'::regclass loop
        execute format('alter table article_search_0013 rename constraint %I to %I', name, 'old_' || name);
    end loop;
end $$;
alter index article_search_words_idx rename to article_search_0013_words_idx;
create table article_search (
    article_id   int primary key references article on delete cascade,
    config       regconfig not null,
    published_at timestamptz,
    words        tsvector not null,
    marks        int[] not null
);
insert into article_search (article_id, config, published_at, words, marks)
select s.article_id, s.config, s.published_at, s.words, mediawatch.search_marks(s.config, s.published_at, a.language, a.source_id)
from article_search_0013 s join article a using (article_id) order by 1;
drop table article_search_0013;
-- serves analyst.search
create index article_search_words_idx on article_search using gin (words, marks);
comment on table article_search is 'Loaded articles as analyst.search finds them.';
comment on column article_search.article_id is 'The article.';
comment on column article_search.config is 'Text search configuration that its words were made with.';
comment on column article_search.published_at is 'As in the article, for the newest first.';
comment on column article_search.words is 'Its words; those of the title have weight A.';
comment on column article_search.marks is 'As search_marks has it.';

do $$ begin  -- it returns more columns now
    if to_regprocedure('analyst.search(text, timestamptz, timestamptz, text, text, text, int)') is not null then
        drop function analyst.search(text, timestamptz, timestamptz, text, text, text, int);
    end if;
end $$;

create table saved_query (
    name     text primary key,
    query    text not null,
    owner    text not null,
    note     text not null default '',
    saved_at timestamptz not null default now()
);
comment on table saved_query is 'Queries over the analyst''s views that people keep, to run again and to follow as a feed.';
comment on column saved_query.name is 'What it is called by.';
comment on column saved_query.query is 'One SQL query, run as the role analyst.';
comment on column saved_query.owner is 'Who saved it.';
comment on column saved_query.note is 'What it is for.';
comment on column saved_query.saved_at is 'When it was last saved.';

-- serves analyst.stories: what was published lately
create index story_last_idx on story (last_published_at);
-- serves analyst.events: what happened lately
create index event_last_idx on event (last_published_at);
-- serves analyst.articles: an article by its address
create index article_url_idx on article using hash (url);
