-- name: latest — each topic's newest version, whoever wrote it
select distinct on (topic_id) topic_id, version, definition_hash, author from topic_version order by topic_id, version desc;

-- name: versions — a topic's versions, the newest first, and what became of each
select topic_id, version, state, engine, author, created_at, live_at, retired_at, note from (
    select distinct on (v.version) v.topic_id, v.version, coalesce(g.state, 'draft') as state, g.engine, v.author, v.created_at, g.live_at, g.retired_at, v.note
    from topic_version v left join topic_tagging g using (topic_id, version)
    where v.topic_id = %(topic_id)s order by v.version, g.tagging_id desc) newest order by version desc;

-- name: list — all topics, with the version that tags, the newest one, and how many articles are on it
select t.topic_id as topic, t.title, g.version, (select max(v.version) from topic_version v where v.topic_id = t.topic_id) as newest_version,
       v.author, v.created_at, count(a.article_id) as articles, count(a.article_id) filter (where x.level = 'primary') as primary_articles
from topic t
left join topic_tagging g on g.topic_id = t.topic_id and g.state = 'live'
left join topic_version v on (v.topic_id, v.version) = (g.topic_id, g.version)
left join article_topic x on x.tagging_id = g.tagging_id and x.valid_to is null
left join article a on a.article_id = x.article_id and a.loaded_at is not null
group by t.topic_id, g.version, v.author, v.created_at order by 1;

-- name: taggings — what tags now, and what is being built beside it
select g.tagging_id, g.topic_id, g.version, g.state, g.engine, g.retag_id, v.body
from topic_tagging g join topic_version v using (topic_id, version) where g.state in ('live', 'building') order by g.topic_id, g.state desc;

-- name: version — one version of a topic, whole
select topic_id, version, body, definition_hash, author, created_at, note from topic_version where topic_id = %(topic_id)s and version = %(version)s;

-- name: serialise_sync — one process changes versions at a time
select pg_advisory_xact_lock(28006);

-- name: keep_taggings — while this transaction stores tags, no tagging begins or becomes the live one
select pg_advisory_xact_lock_shared(28610);

-- name: change_taggings — wait for whoever stores tags, and let nobody begin
select pg_advisory_xact_lock(28610);

-- name: put_topic — a topic, if it is new
insert into topic (topic_id, title, definition, live_version) values (%(topic_id)s, %(title)s, %(definition)s, %(version)s)
on conflict (topic_id) do nothing;

-- name: put_version — one more version of a topic
insert into topic_version (topic_id, version, body, definition_hash, author, note)
values (%(topic_id)s, %(version)s, %(body)s, %(definition_hash)s, %(author)s, %(note)s)
returning version;

-- name: note_topics — the topics of articles, on the articles themselves
with v (article_id, topics) as (values %s)
update article a set topics = v.topics::text[] from v where a.article_id = v.article_id and a.topics <> v.topics::text[];

-- name: forget_tags — the tags that count give way: kept as history where analysts have seen them, else gone
with seen as (select article_id, loaded_at from article where article_id = any(%(article_ids)s)),
gone as (
    delete from article_topic t using seen s, topic_tagging g
    where t.article_id = s.article_id and g.tagging_id = t.tagging_id and t.valid_to is null and (s.loaded_at is null or g.state = 'building'))
update article_topic t set valid_to = clock_timestamp() from seen s, topic_tagging g
where t.article_id = s.article_id and g.tagging_id = t.tagging_id and t.valid_to is null and s.loaded_at is not null and g.state = 'live';

-- name: insert_tags — topics of articles
insert into article_topic (tagging_id, article_id, topic_id, version, generation_id, level, score, text_sha256, tagged_at) values %s
returning tag_id, tagging_id, article_id;

-- name: insert_evidence — the words that caused them
insert into topic_evidence (tag_id, position, signal, term, matched, zone, start_at, end_at, sentence_start, sentence_end, weight) values %s;

-- name: label — what an analyst says that an article is on
insert into topic_label (topic_id, article_id, level, labelled_by, note, text_sha256)
select %(topic_id)s, article_id, %(level)s, %(by)s, %(note)s, text_sha256 from article where article_id = %(article_id)s
returning label_id;

-- name: labels — the newest label of each article, with what is needed to tag it
select distinct on (l.article_id) a.article_id, a.language, a.title, a.text, a.url, l.level
from topic_label l join article a using (article_id) where l.topic_id = %(topic_id)s order by l.article_id, l.labelled_at desc, l.label_id desc;

-- name: to_read — stored articles after one, in order, as many as asked for
select article_id, title, text, language, url from article
where article_id > %(after)s and loaded_at is not null order by article_id limit %(count)s;

-- name: to_label — a sample of articles that nobody has labelled for a topic: recent ones, spread by a number that looks random
select article_id, title, text, language, url, published_at from article a
where loaded_at is not null and not exists (select from topic_label l where l.topic_id = %(topic_id)s and l.article_id = a.article_id)
order by hashint4(article_id + %(seed)s) limit %(count)s;

-- name: by_url — an article by its page's URL
select article_id, title, text, language, url from article where url_key = %(key)s or url = %(url)s limit 1;
