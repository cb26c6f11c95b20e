-- name: open — runs over the stored articles that have not switched yet
select retag_id, requested_by, requested_at from topic_retag where state = 'building' order by retag_id;

-- name: begin — a run over all articles that there are
insert into topic_retag (requested_by, upto_article_id, state)
select %(by)s, coalesce(max(article_id), 0), 'building' from article
returning retag_id, upto_article_id;

-- name: abandon — taggings of these topics that are being built give way, and runs that have none left
with gone as (
    update topic_tagging set state = 'abandoned' where state = 'building' and topic_id = any(%(topic_ids)s) returning tagging_id, retag_id),
tags as (delete from article_topic t using gone g where t.valid_to is null and t.tagging_id = g.tagging_id)
update topic_retag r set state = 'abandoned', ended_at = clock_timestamp()
where r.state = 'building' and r.retag_id in (select retag_id from gone)
  and not exists (select from topic_tagging g where g.retag_id = r.retag_id and g.state = 'building' and g.topic_id <> all(%(topic_ids)s))
returning r.retag_id;

-- name: build — a tagging that is built by a run
insert into topic_tagging (retag_id, topic_id, version, engine, state) values (%(retag_id)s, %(topic_id)s, %(version)s, %(engine)s, 'building')
returning tagging_id;

-- name: divide — the ranges of a run, each with so many articles or fewer
insert into topic_retag_batch (retag_id, batch, next_article_id, last_article_id)
select %(retag_id)s, row_number() over (order by min(article_id)) - 1, min(article_id), max(article_id)
from (select article_id, (row_number() over (order by article_id) - 1) / %(size)s as part from article where article_id <= %(upto)s) ranked
group by part
returning batch;

-- name: unfinished — the batches that a run has to do
select batch from topic_retag_batch where retag_id = %(retag_id)s and finished_at is null order by batch;

-- name: progress — how far a run has come, in articles
select count(*) filter (where finished_at is null) as unfinished, coalesce(sum(articles), 0)::int as articles, coalesce(sum(tags), 0)::int as tags,
       (select count(*) from article where article_id <= r.upto_article_id)::int as total, r.state
from topic_retag r left join topic_retag_batch b using (retag_id) where r.retag_id = %(retag_id)s group by r.retag_id;

-- name: hold — a batch, held until the transaction ends, so that no other worker does the same articles
select b.next_article_id, b.last_article_id from topic_retag_batch b join topic_retag r using (retag_id)
where b.retag_id = %(retag_id)s and b.batch = %(batch)s and b.finished_at is null and r.state = 'building' for update of b;

-- name: building — the taggings that a run builds
select g.tagging_id, g.topic_id, g.version, v.body from topic_tagging g join topic_version v using (topic_id, version)
where g.retag_id = %(retag_id)s and g.state = 'building' order by g.topic_id;

-- name: to_tag — the next articles of a batch
select article_id, title, text, text_sha256, language from article
where article_id between %(first)s and %(last)s order by article_id limit %(count)s;

-- name: clear — what a newer reading replaces
delete from article_topic where valid_to is null and tagging_id = any(%(tagging_ids)s) and article_id between %(first)s and %(last)s;

-- name: advance — a batch has come so far
update topic_retag_batch set next_article_id = %(next)s, articles = articles + %(articles)s, tags = tags + %(tags)s,
    finished_at = case when %(done)s then clock_timestamp() end
where retag_id = %(retag_id)s and batch = %(batch)s;

-- name: retire — the live taggings of the topics that a run has built give way
update topic_tagging g set state = 'retired', retired_at = now()
from topic_tagging n where n.retag_id = %(retag_id)s and n.state = 'building' and g.topic_id = n.topic_id and g.state = 'live';

-- name: switch — what a run has built is the live one; its topics' names are those of the new version
update topic_tagging set state = 'live', live_at = now() where retag_id = %(retag_id)s and state = 'building'
returning topic_id, version;

-- name: name — what a topic is called, and which version tags
update topic set title = %(title)s, definition = %(definition)s, live_version = %(version)s where topic_id = %(topic_id)s;

-- name: renote_topics — the topics of the articles whose tags a run has changed, on the articles themselves
with touched as (
    select distinct t.article_id from article_topic t join topic_tagging g using (tagging_id)
    where t.valid_to is null and (g.retag_id = %(retag_id)s or (g.state = 'retired' and g.retired_at = now()))),
now_on as (
    select c.article_id, coalesce(array_agg(t.topic_id order by t.score desc, t.topic_id) filter (where t.tag_id is not null), '{}') as topics
    from touched c
    left join (article_topic t join topic_tagging g on g.tagging_id = t.tagging_id and g.state = 'live') on t.article_id = c.article_id and t.valid_to is null
    group by c.article_id)
update article a set topics = n.topics from now_on n where n.article_id = a.article_id and a.topics is distinct from n.topics
returning a.article_id;

-- name: finish — a run has switched
update topic_retag set state = 'live', ended_at = clock_timestamp() where retag_id = %(retag_id)s;
