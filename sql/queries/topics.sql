-- name: latest — each topic's newest version, whoever wrote it
select distinct on (topic_id) topic_id, version, definition_hash, author from topic_version order by topic_id, version desc;

-- name: live — the versions that tag now
select t.topic_id, v.version, v.body, v.definition_hash
from topic t join topic_version v on (v.topic_id, v.version) = (t.topic_id, t.live_version) order by t.topic_id;

-- name: serialise_sync — one process loads the shipped topics at a time
select pg_advisory_xact_lock(28006);

-- name: put_version — one more version of a topic, which tags from now on
with topic_row as (
    insert into topic (topic_id, title, definition, live_version) values (%(topic_id)s, %(title)s, %(definition)s, %(version)s)
    on conflict (topic_id) do update set title = excluded.title, definition = excluded.definition, live_version = excluded.live_version
    returning topic_id)
insert into topic_version (topic_id, version, body, definition_hash, author)
select topic_id, %(version)s, %(body)s, %(definition_hash)s, %(author)s from topic_row
returning version;

-- name: note_topics — the topics of articles, on the articles themselves
with v (article_id, topics) as (values %s)
update article a set topics = v.topics::text[] from v where a.article_id = v.article_id
returning a.article_id;

-- name: forget_tags — clear what a broken try may have left
delete from article_topic where article_id = any(%(article_ids)s);

-- name: insert_tags — topics of articles
insert into article_topic (article_id, topic_id, version, generation_id, level, score, text_sha256, tagged_at) values %s
returning article_id;

-- name: insert_evidence — the words that caused them
insert into topic_evidence (article_id, topic_id, position, signal, term, matched, zone, start_at, end_at, weight) values %s
returning article_id;
