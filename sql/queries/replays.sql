-- name: begin — a shadow version that is about to be built
insert into replay (stage, scope, methods, begun_by) values (%(stage)s, %(scope)s, %(methods)s, %(by)s) returning replay_id;

-- name: take_in — the pages of its scope, in parts of about one size: loaded articles, and (from extract on) pages that gave none
with bounds as (select %(scope)s::jsonb as b),
scope as (
    select e.entry_id, a.article_id
    from bounds, entry e join page p using (entry_id) join source s using (source_id)
    left join article a on a.entry_id = e.entry_id and a.loaded_at is not null
    where e.stage = 'done' and (a.article_id is not null or (%(stage)s = 'extract' and e.reason = any(%(reasons)s)))
      and (b ->> 'source' is null or s.name = b ->> 'source')
      and (b ->> 'since' is null or p.fetched_at >= (b ->> 'since')::date)
      and (b ->> 'until' is null or p.fetched_at < (b ->> 'until')::date + 1))
insert into replay_article (replay_id, entry_id, part, article_id)
select %(replay_id)s, entry_id,
       ntile((select greatest(1, least(%(most_parts)s, ceil(count(*) / %(part_entries)s::numeric)))::int from scope)) over (order by entry_id), article_id
from scope
returning entry_id;

-- name: get — a replay
select * from replay where replay_id = %(replay_id)s;

-- name: list — all replays, the newest first
select replay_id, stage, state, scope, begun_at, begun_by, built_at, settled_at, settled_by,
       (select count(*) from replay_article a where a.replay_id = r.replay_id) as pages,
       (select count(*) from replay_article a where a.replay_id = r.replay_id and a.outcome is null) as waiting
from replay r order by replay_id desc;

-- name: parts — the parts of a replay that are not done
select distinct part from replay_article where replay_id = %(replay_id)s and outcome is null order by 1;

-- name: waiting — the next pages of a part: the bytes that the article was read from, and the article as it is
select r.entry_id, r.article_id, e.title as feed_title, e.claimed_at, e.claimed_zone_min, e.first_seen_at, e.source_id,
       p.page_id, p.url, p.content_type, coalesce(c.at, p.fetched_at) as fetched_at,
       coalesce(c.warc_file, p.warc_file) as warc_file, coalesce(c.warc_offset, p.warc_offset) as warc_offset, coalesce(c.warc_length, p.warc_length) as warc_length,
       t.url as twin_url, t.content_type as twin_type, t.warc_file as twin_file, t.warc_offset as twin_offset, t.warc_length as twin_length,
       a.title, a.text, case when a.engine ~ '^feed' then a.text end as content, a.text_sha256, a.language, a.published_at,
       sha256(convert_to(a.title || E'\n' || a.text, 'UTF8')) as was,
       coalesce((select jsonb_agg(jsonb_build_array(t.topic_id, t.version, t.level, (
           select coalesce(jsonb_agg(jsonb_build_array(v.signal, v.term, v.matched, v.zone, v.start_at, v.end_at) order by v.position), '[]')
           from topic_evidence v where v.tag_id = t.tag_id)) order by t.topic_id)
         from article_topic t join topic_tagging g using (tagging_id)
         where t.article_id = a.article_id and g.state = 'live' and t.valid_to is null), '[]') as tags
from replay_article r join entry e using (entry_id) join page p using (entry_id) left join page_twin t using (entry_id)
left join article a on a.article_id = r.article_id
left join lateral (
    select c.at, c.warc_file, c.warc_offset, c.warc_length from page_check c
    where c.article_id = r.article_id and c.result in ('first', 'same_text', 'revised') and c.warc_file is not null
      and c.number < coalesce((select v.check_number from revision v where v.article_id = r.article_id and v.text is not null
                               and not exists (select from revision n where n.article_id = v.article_id and n.version > v.version and n.text is null)
                               order by v.version limit 1), 2147483647)
    order by c.number desc limit 1) c on true
where r.replay_id = %(replay_id)s and r.part = %(part)s and r.outcome is null
order by r.entry_id limit %(limit)s;

-- name: fill — what the methods make of pages; what is filled stays, so that whoever does it again changes nothing
with v (entry_id, generation_id, outcome, reason, detail, was, "values", tags, text_changed, title_changed, overlap, topics_was, topics) as (values %s),
told as (
    select v.*, a.published_at as date_was, (n).published_at as date,
           a.article_id is not null and v."values" is not null
           and n is distinct from a as differs
    from v join replay_article r on r.replay_id = %(replay_id)s and r.entry_id = v.entry_id
    left join article a on a.article_id = r.article_id
    left join lateral (select (jsonb_populate_record(a, v."values"::jsonb - 'generation_id' - 'engine')).*) n on a.article_id is not null)
update replay_article r set
    generation_id = t.generation_id, outcome = case when t.outcome = 'changed' and not t.differs and t.tags is null then 'same' else t.outcome end,
    reason = t.reason, detail = t.detail, was = t.was::bytea,
    "values" = case when t.differs then t."values"::jsonb end, tags = t.tags::jsonb, text_changed = t.text_changed, title_changed = t.title_changed,
    overlap = t.overlap::real, date_was = t.date_was, date = case when t."values" is null then t.date_was else t.date end, topics_was = t.topics_was::text[], topics = t.topics::text[]
from told t where r.replay_id = %(replay_id)s and r.entry_id = t.entry_id and r.outcome is null
returning r.entry_id;

-- name: left_over — pages that are not done
select count(*) from replay_article where replay_id = %(replay_id)s and outcome is null;

-- name: outcomes — pages by what the methods made of them
select outcome, count(*) as pages, count(*) filter (where text_changed) as texts, count(*) filter (where title_changed) as titles,
       count(*) filter (where "values" is not null) as articles, count(*) filter (where tags is not null and topics <> topics_was) as tagged,
       count(*) filter (where date is distinct from date_was and outcome = 'changed') as dates,
       count(*) filter (where abs(extract(epoch from date - date_was)) >= 86400) as dates_by_a_day,
       count(*) filter (where date_was is null and date is not null and outcome = 'changed') as dates_gained,
       count(*) filter (where date_was is not null and date is null and outcome = 'changed') as dates_lost,
       (avg(overlap) filter (where text_changed))::float8 as overlap, (percentile_cont(0.1) within group (order by overlap) filter (where text_changed))::float8 as overlap_p10
from replay_article where replay_id = %(replay_id)s group by 1 order by 1;

-- name: reasons — why pages have no article by the new method
select outcome, reason, count(*) as pages from replay_article where replay_id = %(replay_id)s and outcome in ('lost', 'none', 'unread') group by 1, 2 order by 1, 2;

-- name: topics — articles that come to a topic, leave it, or change their level
with one as (
    select article_id, split_part(t, '/', 1) as topic, split_part(t, '/', 2) as level from replay_article, unnest(topics_was) t where replay_id = %(replay_id)s and tags is not null),
other as (
    select article_id, split_part(t, '/', 1) as topic, split_part(t, '/', 2) as level from replay_article, unnest(topics) t where replay_id = %(replay_id)s and tags is not null)
select topic, count(*) filter (where one.level is null) as come, count(*) filter (where other.level is null) as gone,
       count(*) filter (where one.level <> other.level) as relevelled
from one full join other using (article_id, topic) group by 1
having count(*) filter (where one.level is distinct from other.level) > 0 order by 1;

-- name: worst — the articles that change most
select r.article_id, a.url, r.outcome, r.reason, r.overlap, r.title_changed, r.date_was, r.date, r.topics_was, r.topics
from replay_article r join article a using (article_id)
where r.replay_id = %(replay_id)s and (r.outcome = 'lost' or r.text_changed or r.title_changed)
order by r.outcome <> 'lost', r.overlap nulls last, r.article_id limit 20;

-- name: hold_index — nobody else writes to the candidate index until this transaction ends: copies that arrive meanwhile find what it wrote
lock table story_key in share row exclusive mode;

-- name: fresh — its rows with other values or tags whose article is as it was when they were made, in pieces
select r.entry_id, r.article_id, r."values", r.tags, r.text_changed, coalesce((r."values" ->> 'text_sha256')::bytea, a.text_sha256) as text_sha256
from replay_article r join article a using (article_id)
where r.replay_id = %(replay_id)s and r.entry_id > %(after)s and (r."values" is not null or r.tags is not null)
  and r.was = sha256(convert_to(a.title || E'\n' || a.text, 'UTF8'))
order by r.entry_id limit %(limit)s;

-- name: stale — articles that have changed since its rows were made
select count(*) from replay_article r join article a using (article_id)
where r.replay_id = %(replay_id)s and r.was <> sha256(convert_to(a.title || E'\n' || a.text, 'UTF8'));

-- name: adopt_same — articles that the new method reads as they are
update article a set generation_id = r.generation_id from replay_article r
where r.replay_id = %(replay_id)s and r.article_id = a.article_id and r.outcome = 'same' and a.generation_id <> r.generation_id;

-- name: sketched_by_others — its articles whose sketch another method made
select article_id from replay_article join sketch using (article_id)
where replay_id = %(replay_id)s and sketch.generation_id <> %(generation_id)s order by 1;

-- name: articles — all of its articles, for grouping anew
select article_id from replay_article where replay_id = %(replay_id)s and article_id is not null order by 1;

-- name: texts — texts of articles
select article_id, text from article where article_id = any(%(article_ids)s) order by 1;

-- name: gained — entries whose page is an article by the new method
select entry_id from replay_article where replay_id = %(replay_id)s and outcome = 'gained' order by 1;

-- name: lost — articles that the new method does not find, by these reasons, if they are as they were when it looked
select r.entry_id, r.article_id, r.reason, r.detail from replay_article r join article a using (article_id)
where r.replay_id = %(replay_id)s and r.outcome = 'lost' and r.reason = any(%(reasons)s) and a.loaded_at is not null
  and r.was = sha256(convert_to(a.title || E'\n' || a.text, 'UTF8'))
order by r.entry_id;

-- name: reopen_same_pages — entries that ended because one of these articles was there already
update entry e set stage = 'fetch', status = 'pending', reason = null, settled_at = null, batch_id = null, article_id = null
where e.reason = 'same_page' and e.article_id = any(%(article_ids)s)
returning entry_id;

-- name: end_entries — entries that end without their article after all, with the ledger's row
with v (entry_id, status, reason, detail) as (values %s),
ended as (
    update entry e set status = v.status, reason = v.reason, article_id = null, settled_at = clock_timestamp()
    from v where e.entry_id = v.entry_id
    returning e.entry_id, e.attempts, e.batch_id, v.status, v.reason, v.detail)
insert into outcome (entry_id, stage, attempt, status, reason, detail, at, batch_id)
select entry_id, 'extract', attempts, status, reason, detail, clock_timestamp(), batch_id from ended
on conflict (entry_id, stage, attempt) do update set status = excluded.status, reason = excluded.reason, detail = excluded.detail, at = excluded.at
returning entry_id;

-- name: reopen — entries that ended without an article wait for their extraction again
update entry set stage = 'extract', status = 'pending', reason = null, settled_at = null, batch_id = %(batch_id)s
where entry_id = any(%(entry_ids)s) and stage = 'done' and status <> 'loaded'
returning entry_id;

-- name: remember_stories — which article is in which story and event, until this transaction ends
create temp table story_before on commit drop as
select a.article_id, a.story_id, s.event_id from article a join story s using (story_id) where a.loaded_at is not null;

-- name: compare_stories — how the stories and events differ from those remembered
with pairs as (
    select b.story_id as was, a.story_id as is, b.event_id as event_was, s.event_id as event_is
    from story_before b join article a using (article_id) left join story s on s.story_id = a.story_id),
counted as (
    select *, count(*) over (partition by was) as n_was, count(*) over (partition by "is") as n_is, count(*) over (partition by was, "is") as n_both,
           count(*) over (partition by event_was) as e_was, count(*) over (partition by event_is) as e_is,
           count(*) over (partition by event_was, event_is) as e_both
    from pairs)
select count(distinct was) as before, count(distinct "is") as after, count(*) filter (where n_both <> n_was or n_both <> n_is) as articles_regrouped,
       count(distinct event_was) as events_before, count(distinct event_is) as events_after,
       count(*) filter (where e_both <> e_was or e_both <> e_is) as articles_in_other_events
from counted;

-- name: complete — it is whole, with its report
update replay set state = 'draft', built_at = clock_timestamp(), report = %(report)s where replay_id = %(replay_id)s and state in ('building', 'draft')
returning replay_id;

-- name: settle — a person has decided
update replay set state = %(state)s, settled_at = clock_timestamp(), settled_by = %(by)s where replay_id = %(replay_id)s and state = any(%(states)s)
returning replay_id;

-- name: forget_rows — the rows of a replay that was dropped
delete from replay_article where replay_id = %(replay_id)s;
