-- Search walks the newest articles of a language where a word is common, instead of sorting all that hold it.
-- serves desk_search.questions and desk_search.hits
create index article_search_newest_idx on article_search (config, coalesce(published_at, '-infinity') desc, article_id desc);
