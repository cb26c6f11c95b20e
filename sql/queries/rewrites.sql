-- name: articles — other values for articles, each a JSON object of columns; a column that is not in it keeps its value
with v (article_id, "values") as (values %s)
update article a set
    (generation_id, title, text, text_sha256, language, language_confidence, word_count, authors, site_name, published_at,
     published_precision, published_origin, published_zone_min, modified_at, fetched_at, engine, origins)
    = (select n.generation_id, n.title, n.text, n.text_sha256, n.language, n.language_confidence, n.word_count, n.authors, n.site_name, n.published_at,
              n.published_precision, n.published_origin, n.published_zone_min, n.modified_at, n.fetched_at, n.engine, n.origins
       from jsonb_populate_record(a, v."values"::jsonb) n)
from v where a.article_id = v.article_id
returning a.article_id, a.text_sha256;

-- name: forget_keys — take articles out of the candidate index, before they are put in with other texts
delete from story_key k using (select article_id, unnest(keys) as key from sketch where article_id = any(%(article_ids)s)) s
where (k.key, k.article_id) = (s.key, s.article_id);

-- name: unlink — forget what articles shared with others; those others
with gone as (
    delete from story_link where article_a = any(%(article_ids)s) or article_b = any(%(article_ids)s) returning article_a, article_b)
select article_a as article_id from gone union select article_b from gone order by 1;

-- name: stories — the stories of articles
select distinct story_id from article where article_id = any(%(article_ids)s) and story_id is not null order by 1;

-- name: hold — keep articles from others who would replace their rows, in one order
select article_id from article where article_id = any(%(article_ids)s) order by article_id for update;
