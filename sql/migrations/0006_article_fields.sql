alter table article
    add column kind text not null default 'article' check (kind in ('article', 'live_blog', 'gallery', 'video')),
    add column script text,
    add column section text,
    add column tags text[] not null default '{}',
    add column image_url text,
    add column free boolean,
    add column syndicated_from text,
    add column modified_precision text check (modified_precision in ('second', 'minute', 'day')),
    add column modified_zone_min int,
    add column confidences jsonb not null default '{}',
    add column asides jsonb not null default '[]';
comment on column article.kind is 'article, live_blog, gallery or video.';
comment on column article.script is 'ISO 15924 code of the script where the language has two: Hans or Hant for Chinese, Cyrl or Latn for Serbian; else null.';
comment on column article.section is 'The part of the paper that it is in, as the page names it.';
comment on column article.tags is 'Keywords that the page gives it.';
comment on column article.image_url is 'Its picture.';
comment on column article.free is 'Whether the page says that it can be read without paying; null when it says nothing.';
comment on column article.syndicated_from is 'The agency or site that the page credits.';
comment on column article.modified_precision is 'As published_precision.';
comment on column article.modified_zone_min is 'As published_zone_min.';
comment on column article.confidences is 'How far to trust each field, 0..1: {"title": 0.95, …}; "text" is the body.';
comment on column article.asides is 'Dates that were not believed: [{field, value, origin, reason}].';
comment on column article.origins is 'Where each field was read: {"title": "json-ld", …}; sources: json-ld, meta, microdata, link, h1, title, byline, time, text, url, page, feed.';
