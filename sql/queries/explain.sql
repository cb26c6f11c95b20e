-- name: entries — entries by a URL as announced, by identity, or by the article that they led to
select e.*, s.name as source from entry e join source s using (source_id)
where (md5(e.url) = md5(%(url)s) and e.url = %(url)s) or e.identity = %(identity)s
   or e.article_id = any(array(select article_id from article where url_key = %(identity)s))
order by e.entry_id;

-- name: entry_of_article — the entry that an article was read from
select e.*, s.name as source from article a join entry e on e.entry_id = a.entry_id join source s on s.source_id = e.source_id
where a.article_id = %(article_id)s;

-- name: announcements — which feeds announced an entry
select f.feed_id, f.url as feed, n.url, n.guid, n.announced_at from entry_announcement n join feed f using (feed_id)
where n.entry_id = %(entry_id)s order by n.announced_at, f.url;

-- name: outcomes — the ledger of an entry
select stage, attempt, status, reason, detail, at, batch_id from outcome where entry_id = %(entry_id)s order by at, stage;

-- name: page — where an entry's bytes lie
select * from page where entry_id = %(entry_id)s;

-- name: article — an article with its story
select a.*, s.articles as story_articles, s.sources as story_sources, s.canonical_article_id, s.agency as story_agency,
       e.event_id, e.title as event_title, e.stories as event_stories
from article a left join story s using (story_id) left join event e using (event_id) where a.article_id = %(article_id)s;

-- name: links — the articles that share text with one, and how
select l.kind, l.score, l.shared, l.part,
       case when l.article_a = %(article_id)s then l.covered_a else l.covered_b end as covered,
       case when l.article_a = %(article_id)s then l.covered_b else l.covered_a end as covered_other,
       o.article_id, o.title, o.url, o.story_id, o.published_at, src.name as source
from story_link l
join article o on o.article_id = case when l.article_a = %(article_id)s then l.article_b else l.article_a end
join source src on src.source_id = o.source_id
where %(article_id)s in (l.article_a, l.article_b) order by l.score desc, o.article_id;

-- name: topics — the topics of an article
select t.topic_id as topic, t.version, t.level, t.score from article_topic t join topic_tagging g using (tagging_id)
where t.article_id = %(article_id)s and g.state = 'live' and t.valid_to is null order by t.score desc, t.topic_id;

-- name: evidence — the words that caused them
select t.topic_id as topic, e.signal, e.term, e.matched, e.zone, e.start_at, e.end_at, e.weight
from article_topic t join topic_tagging g using (tagging_id) join topic_evidence e using (tag_id)
where t.article_id = %(article_id)s and g.state = 'live' and t.valid_to is null order by t.topic_id, e.position;
