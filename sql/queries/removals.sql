-- name: find — the entries that a URL or a publisher's name stands for, with those that led to the same articles
with named as (
    select e.entry_id, e.article_id from entry e where e.identity = %(key)s
    union select e.entry_id, e.article_id from entry e where md5(e.url) = md5(%(what)s) and e.url = %(what)s
    union select e.entry_id, a.article_id from article a join entry e using (entry_id) where a.url_key = %(key)s
    union select e.entry_id, e.article_id from entry e join source s using (source_id) where s.name = %(what)s)
select entry_id from named
union select e.entry_id from named n join entry e on e.article_id = n.article_id order by 1;

-- name: sum_up — what would go with these entries
select count(*) as entries, count(a.article_id) as articles, count(p.page_id) as pages,
       count(distinct p.warc_file) filter (where p.discarded_at is null) as archive_files,
       (select count(*) from revision r where r.article_id = any(array_agg(a.article_id))) as revisions,
       (select count(*) from article_topic t where t.article_id = any(array_agg(a.article_id))) as tags
from entry e left join article a on a.entry_id = e.entry_id left join page p on p.entry_id = e.entry_id
where e.entry_id = any(%(entry_ids)s);

-- name: copies — articles that tell the same stories and would stay
select distinct o.url, s.name as source, o.title
from article a join article o using (story_id) join source s on s.source_id = o.source_id
where a.entry_id = any(%(entry_ids)s) and o.entry_id <> all(%(entry_ids)s) and o.loaded_at is not null order by 1;

-- name: samples — titles and texts by which one finds out whether anything is left
select a.title, a.text from article a where a.entry_id = any(%(entry_ids)s) order by a.article_id limit %(limit)s;

-- name: ask — these entries are to be taken away, with those that led to the same articles; forgotten is stronger than expired
with named as (select entry_id, article_id, stage from entry where entry_id = any(%(entry_ids)s::bigint[])),
led as (select * from named union select o.entry_id, o.article_id, o.stage from named n join entry o on o.article_id = n.article_id)
insert into removal (entry_id, why, asked_by)
select entry_id, %(why)s, %(by)s from led where %(why)s = 'forgotten' or stage = 'done'
on conflict (entry_id) do update set why = excluded.why, asked_by = excluded.asked_by where excluded.why = 'forgotten'
returning entry_id;

-- name: next — entries that wait to be taken away, kept from others who take them away
select r.entry_id, r.why, r.asked_by, e.identity, a.article_id, a.url_key, a.story_id, p.url as page_url
from removal r join entry e using (entry_id) left join article a on a.entry_id = e.entry_id left join page p on p.entry_id = e.entry_id
order by r.entry_id limit %(limit)s for update of r;

-- name: interrupt — batches that have one of these entries in hand: what their workers are about to write is undone
update batch set lease_count = lease_count + 1
where state = 'open' and batch_id in (select batch_id from entry where entry_id = any(%(entry_ids)s) and stage <> 'done')
returning batch_id;

-- name: note_records — where their bytes lie in the archive
insert into removal_record (warc_file, warc_offset)
select p.warc_file, p.warc_offset from page p where p.entry_id = any(%(entry_ids)s) and p.discarded_at is null
union select c.warc_file, c.warc_offset from page_check c join article a using (article_id)
      where a.entry_id = any(%(entry_ids)s) and c.warc_file is not null
union select t.warc_file, t.warc_offset from page_twin t where t.entry_id = any(%(entry_ids)s)
on conflict do nothing;

-- name: hush — alerts on events that these articles were in do not quote a headline any more: it may be one of theirs
with gone as (
    select a.title, s.event_id from article a left join story s using (story_id) where a.article_id = any(%(article_ids)s)),
events as (
    select event_id from gone union select r.event_id from event_redirect r join gone g on g.event_id = r.into_event_id)
update alert x set title = coalesce(substring(x.title from '^[0-9,]+ publishers? on: '), '') || 'an event of which an article was taken away'
from alert_rule r
where r.rule = x.rule and r.kind = 'new_event'
  and (x.key in (select event_id::text from events) or exists (select from gone g where g.title <> '' and strpos(x.title, g.title) > 0))
returning x.alert_id;

-- name: let_go — nothing refers to these articles any more: canonical ones, the entries that led to them, the index of events
with heads as (update story set canonical_article_id = null where canonical_article_id = any(%(article_ids)s)),
unread as (
    delete from story_term t using story_terms s where t.story_id = s.story_id and s.article_id = any(%(article_ids)s))
update entry set article_id = null where article_id = any(%(article_ids)s);

-- name: delete_articles — the articles, with all that hangs on them
delete from article where article_id = any(%(article_ids)s) returning article_id;

-- name: delete_traces — what was said of these entries by feeds, pages and replays, and by other entries of their addresses
with gone as (select entry_id, url from entry where entry_id = any(%(entry_ids)s)),
pages as (delete from page where entry_id = any(%(entry_ids)s)),
twins as (delete from page_twin where entry_id = any(%(entry_ids)s)),
tails as (
    delete from title_tail t using entry e where e.entry_id = any(%(entry_ids)s) and t.source_id = e.source_id and t.known_at is null),
shadows as (delete from replay_article where entry_id = any(%(entry_ids)s)),
announced as (delete from entry_announcement where entry_id = any(%(entry_ids)s))
delete from entry_change c using gone g where c.entry_id = g.entry_id or (c.what = 'url' and g.url in (c.was, c.becomes));

-- name: empty_outcomes — the ledger keeps what became of these entries, and not what was quoted with it
update outcome set detail = '' where entry_id = any(%(entry_ids)s) and detail <> '' returning entry_id;

-- name: bury — the entries are tombstones: who and when, without a word of theirs; what was forgotten loses its address too
update entry set title = '', summary = '', content = null, url = case when %(why)s = 'forgotten' then null else url end, article_id = null,
    stage = 'done', status = 'dropped', reason = %(why)s, settled_at = clock_timestamp()
where entry_id = any(%(entry_ids)s) returning entry_id;

-- name: note_burial — the ledger's row of it
insert into outcome (entry_id, stage, attempt, status, reason, at) values %s
on conflict (entry_id, stage, attempt) do update set status = excluded.status, reason = excluded.reason, at = excluded.at, detail = ''
returning entry_id;

-- name: remember — what does not come back
insert into tombstone (url_key, why, asked_by) values %s
on conflict (url_key) do update set why = excluded.why, asked_by = excluded.asked_by where excluded.why = 'forgotten'
returning url_key;

-- name: tombstones — which of these were taken away, and why
select url_key, why, asked_by from tombstone where url_key = any(%(keys)s);

-- name: done — they are taken away
delete from removal where entry_id = any(%(entry_ids)s) returning entry_id;

-- name: members — the articles that are left in these stories
select article_id from article where story_id = any(%(story_ids)s) order by 1;

-- name: leave_events — stories without an article leave their event; the events of all of these
with was as (select story_id, event_id from story where story_id = any(%(story_ids)s) and event_id is not null),
empty as (
    update story s set event_id = null from was where s.story_id = was.story_id
      and not exists (select from article a where a.story_id = s.story_id))
select distinct event_id from was order by 1;

-- name: waiting — how much is to be taken away yet
select (select count(*) from removal) as entries, (select count(*) from removal_record) as records;

-- name: old_articles — articles that were kept as long as their publisher's rule says, or the settings'
select a.entry_id from article a join source s using (source_id)
where a.loaded_at < clock_timestamp() - make_interval(days => %(least)s)
  and a.loaded_at < clock_timestamp() - make_interval(days => nullif(coalesce(s.keep_articles_days, %(days)s), 0))
order by a.loaded_at limit %(limit)s;

-- name: old_pages — pages that gave no article and were kept as long as the rules say; their bytes go, what became of them stays
with due as (
    select p.page_id, p.entry_id, p.warc_file, p.warc_offset from page p join entry e using (entry_id) join source s using (source_id)
    where p.discarded_at is null and e.stage = 'done' and not exists (select from article a where a.page_id = p.page_id)
      and p.fetched_at < clock_timestamp() - make_interval(days => %(least)s)
      and p.fetched_at < clock_timestamp() - make_interval(days => nullif(coalesce(s.keep_pages_days, %(days)s), 0))
    order by p.fetched_at limit %(limit)s for update of p),
twins as (delete from page_twin t using due where t.entry_id = due.entry_id returning t.warc_file, t.warc_offset),
noted as (
    insert into removal_record (warc_file, warc_offset)
    select warc_file, warc_offset from due union select warc_file, warc_offset from twins on conflict do nothing)
delete from page where page_id in (select page_id from due) returning page_id;

-- name: old_bytes — archived bytes of articles that were kept as long as the rules say; the articles stay
with due as (
    select p.page_id, p.entry_id, p.warc_file, p.warc_offset from page p join article a using (page_id) join source s on s.source_id = a.source_id
    where p.discarded_at is null and a.loaded_at is not null
      and p.fetched_at < clock_timestamp() - make_interval(days => %(least)s)
      and p.fetched_at < clock_timestamp() - make_interval(days => nullif(coalesce(s.keep_archive_days, %(days)s), 0))
    order by p.fetched_at limit %(limit)s for update of p),
checks as (
    select c.article_id, c.number, c.warc_file, c.warc_offset from page_check c join article a using (article_id) join due using (page_id)
    where c.warc_file is not null),
twins as (delete from page_twin t using due where t.entry_id = due.entry_id returning t.warc_file, t.warc_offset),
noted as (
    insert into removal_record (warc_file, warc_offset)
    select warc_file, warc_offset from due union select warc_file, warc_offset from checks
    union select warc_file, warc_offset from twins on conflict do nothing),
checked as (
    update page_check c set warc_file = null, warc_offset = null, warc_length = null from checks k where (c.article_id, c.number) = (k.article_id, k.number))
update page set discarded_at = clock_timestamp() where page_id in (select page_id from due) returning page_id;

-- name: least_days — the shortest of the publishers' own rules
select min(nullif(keep_articles_days, 0)) as articles, min(nullif(keep_pages_days, 0)) as pages, min(nullif(keep_archive_days, 0)) as archive from source;

-- name: rules — how long publishers with rules of their own keep what
select name, keep_articles_days, keep_pages_days, keep_archive_days from source
where (keep_articles_days, keep_pages_days, keep_archive_days) is distinct from (null, null, null) order by name;

-- name: set_rules — how long a publisher keeps what; null goes by the settings
update source set keep_articles_days = %(articles)s, keep_pages_days = %(pages)s, keep_archive_days = %(archive)s where name = %(name)s returning source_id;

-- name: pause_feeds — a publisher that was taken down is not polled
with was as (select f.feed_id, f.state from feed f join source s using (source_id) where s.name = %(name)s and f.state <> 'paused' for update of f),
noted as (
    insert into feed_change (feed_id, at, what, was, becomes, why)
    select feed_id, clock_timestamp(), 'state', state, 'paused', 'its publisher was taken down' from was)
update feed f set state = 'paused', title = '', why = 'its publisher was taken down' from was where f.feed_id = was.feed_id returning f.feed_id;

-- name: forget_furniture — the lines that a publisher's pages carry, and what its titles end with
with tails as (delete from title_tail t using source s where t.source_id = s.source_id and s.name = %(name)s)
delete from furniture f using source s where f.source_id = s.source_id and s.name = %(name)s returning line;

-- name: hold_archive — files are rewritten by one worker at a time, and not while a back-up copies them; false when that is the case
select pg_try_advisory_xact_lock(28020) as held;

-- name: keep_archive — no file is rewritten or removed until this session ends
select pg_advisory_lock_shared(28020);

-- name: files — archive files with records that are to go
select warc_file, count(*) as records from removal_record group by 1 order by 1;

-- name: records — the records of a file that are to go
select warc_offset from removal_record where warc_file = %(file)s order by 1;

-- name: needed — the records of a file that pages and fetches still point to
select p.warc_offset from page p where p.warc_file = %(file)s and p.discarded_at is null
union select c.warc_offset from page_check c where c.warc_file = %(file)s
union select t.warc_offset from page_twin t where t.warc_file = %(file)s
except select warc_offset from removal_record where warc_file = %(file)s order by 1;

-- name: move_pages — the bytes of pages lie elsewhere now
with v (was, warc_offset, warc_length) as (values %s)
update page p set warc_file = %(file)s, warc_offset = v.warc_offset, warc_length = v.warc_length
from v where p.warc_file = %(old)s and p.warc_offset = v.was and p.discarded_at is null returning p.page_id;

-- name: move_checks — the bytes of fetches lie elsewhere now
with v (was, warc_offset, warc_length) as (values %s)
update page_check c set warc_file = %(file)s, warc_offset = v.warc_offset, warc_length = v.warc_length
from v where c.warc_file = %(old)s and c.warc_offset = v.was returning c.article_id;

-- name: move_twins — the bytes of AMP twins lie elsewhere now
with v (was, warc_offset, warc_length) as (values %s)
update page_twin t set warc_file = %(file)s, warc_offset = v.warc_offset, warc_length = v.warc_length
from v where t.warc_file = %(old)s and t.warc_offset = v.was returning t.entry_id;

-- name: forget_records — they are out of their file
delete from removal_record where warc_file = %(file)s returning warc_offset;
