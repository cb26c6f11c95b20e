-- name: articles — other values for articles, each a JSON object of columns; a column that is not in it keeps its value
with v (article_id, "values") as (values %s)
update article a set
    (generation_id, title, text, text_sha256, language, language_confidence, word_count, authors, site_name, published_at, published_precision,
     published_origin, published_zone_min, modified_at, fetched_at, engine, origins, kind, script, section, tags, image_url, free, syndicated_from,
     modified_precision, modified_zone_min, confidences, asides)
    = (select n.generation_id, n.title, n.text, n.text_sha256, n.language, n.language_confidence, n.word_count, n.authors, n.site_name, n.published_at,
              n.published_precision, n.published_origin, n.published_zone_min, n.modified_at, n.fetched_at, n.engine, n.origins, n.kind, n.script,
              n.section, n.tags, n.image_url, n.free, n.syndicated_from, n.modified_precision, n.modified_zone_min, n.confidences, n.asides
       from jsonb_populate_record(a, v."values"::jsonb) n)
from v where a.article_id = v.article_id
returning a.article_id, a.text_sha256;

-- name: to_sketch — articles as deduplication reads them
select a.article_id, a.source_id, a.url_key, a.text, a.authors, a.site_name, a.url, p.url as page_url, s.name as source
from article a join page p on p.page_id = a.page_id join source s on s.source_id = a.source_id
where a.article_id = any(%(article_ids)s) order by a.article_id;

-- name: forget_keys — take articles out of the candidate index, before they are put in with other texts
delete from story_key k using (select rank, unnest(keys) as key from sketch where article_id = any(%(article_ids)s)) s
where (k.key, k.rank) = (s.key, s.rank);

-- name: forget_agencies — what articles said of agencies, before their texts are read again
delete from syndication where article_id = any(%(article_ids)s);

-- name: stale_terms — what stories are about, as these articles told it, is to be read from the texts that they have now
update story_terms set stale = true where article_id = any(%(article_ids)s);

-- name: unlink — forget what articles shared with others; those others
with gone as (
    delete from story_link where article_a = any(%(article_ids)s) or article_b = any(%(article_ids)s) returning article_a, article_b)
select article_a as article_id from gone union select article_b from gone order by 1;

-- name: hold — articles as tagging reads them, kept from others who would replace their rows, in one order
select article_id, title, text, text_sha256, language from article where article_id = any(%(article_ids)s) order by article_id for update;
