-- name: insert — an article by its page's URL; no row when that page is an article already
insert into article (entry_id, page_id, source_id, generation_id, url, url_key, title, text, text_sha256, language, language_confidence, word_count,
    authors, site_name, published_at, published_precision, published_origin, published_zone_min, modified_at, claimed_at, first_seen_at, fetched_at, engine, origins,
    kind, script, section, tags, image_url, free, syndicated_from, modified_precision, modified_zone_min, confidences, asides)
values %s
on conflict do nothing;

-- name: by_url_keys — the articles of these pages
select article_id, entry_id, url_key, title, text_sha256 from article where url_key = any(%(keys)s);

-- name: forget_unloaded — the article of an entry that was set aside, so that another entry may bring that page
with own as (update entry set article_id = null where entry_id = %(entry_id)s)
delete from article where entry_id = %(entry_id)s and loaded_at is null;

-- name: load — make a batch's articles visible
update article set loaded_at = clock_timestamp()
where article_id = any(%(article_ids)s) and loaded_at is null;
