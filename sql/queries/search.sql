-- name: index — make loaded articles findable, or findable as they are now
insert into article_search (article_id, config, published_at, words)
select article_id, search_config(language), published_at, search_vector(language, title, text) from article where article_id = any(%(article_ids)s)
on conflict (article_id) do update set config = excluded.config, published_at = excluded.published_at, words = excluded.words
returning article_id;
