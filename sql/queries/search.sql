-- name: index — make loaded articles findable, or findable as they are now
insert into article_search (article_id, config, published_at, words, marks)
select article_id, search_config(language), published_at, search_vector(language, title, text),
       search_marks(search_config(language), published_at, language, source_id)
from article where article_id = any(%(article_ids)s) for key share
on conflict (article_id) do update set config = excluded.config, published_at = excluded.published_at, words = excluded.words, marks = excluded.marks;
