-- name: articles — articles that have a story, in order of id, as deduplication reads them
select a.article_id, a.source_id, a.url_key, a.text, a.authors, a.site_name, a.url, p.url as page_url, s.name as source
from article a join page p on p.page_id = a.page_id join source s on s.source_id = a.source_id
where a.story_id is not null and a.article_id > %(after)s and not exists (select from mediawatch_next.sketch n where n.article_id = a.article_id)
order by a.article_id limit %(limit)s;

-- name: sketched — articles that were read anew, in order of id
select article_id from mediawatch_next.sketch where article_id > %(after)s order by article_id limit %(limit)s;

-- name: stories — which story each of these articles is in now
select article_id, story_id, title from article where article_id = any(%(article_ids)s) and story_id is not null;

-- name: behind — articles that another version of the method sketched
select count(*) from sketch join generation using (generation_id) where version <> %(version)s;

-- name: switch — what was built takes the place of what was there
truncate mediawatch.story_key, mediawatch.story_link, mediawatch.syndication, mediawatch.sketch;
insert into mediawatch.sketch select * from mediawatch_next.sketch;
insert into mediawatch.story_key select * from mediawatch_next.story_key;
insert into mediawatch.story_link select * from mediawatch_next.story_link;
insert into mediawatch.syndication select * from mediawatch_next.syndication;
