-- name: serialise_announcing — one worker inserts entries at a time
select pg_advisory_xact_lock(28007);

-- name: announce — entries by identity: new ones are inserted, known ones are left as they are
insert into entry (identity, source_id, url, host, title, summary, claimed_at, claimed_zone_min, first_seen_at, stage, status, reason, ready_at, settled_at, content)
values %s
on conflict (identity) do nothing
returning entry_id, identity, reason;

-- name: known — which of these identities are entries already, or were taken away
select identity from entry where identity = any(%(identities)s)
union select url_key from tombstone where url_key = any(%(identities)s);

-- name: known_from — which of these a feed has announced
select identity from entry join entry_announcement using (entry_id)
where identity = any(%(identities)s) and feed_id = %(feed_id)s;

-- name: note_announcements — which feed announced them, with its own id, title and spelling of the URL; what it changed goes into the history
with v (identity, feed_id, url, guid, sole, title, updated_at, announced_at) as (values %s),
said as (
    select e.entry_id, v.feed_id, v.url, v.guid, v.sole, v.title, v.updated_at::timestamptz, v.announced_at, n.entry_id is null as is_first,
           n.title as was, n.updated_at as was_updated_at
    from v join entry e on e.identity = v.identity
    left join entry_announcement n on (n.entry_id, n.feed_id) = (e.entry_id, v.feed_id)
    where n.entry_id is null or (n.title is distinct from v.title and v.title <> '') or n.updated_at is distinct from coalesce(v.updated_at::timestamptz, n.updated_at)),
renamed as (
    insert into entry_change (entry_id, feed_id, at, what, was, becomes)
    select entry_id, feed_id, announced_at, 'title', was, title from said where was <> '' and title not in ('', was)
    union all
    select entry_id, feed_id, announced_at, 'updated', was_updated_at::text, updated_at::text from said where updated_at > was_updated_at),
readdressed as (
    insert into entry_change (entry_id, feed_id, at, what, was, becomes)
    select b.entry_id, s.feed_id, s.announced_at, 'url', b.url, s.url
    from said s cross join lateral (
        select n.entry_id, n.url from entry_announcement n
        where n.feed_id = s.feed_id and md5(n.guid) = md5(s.guid) and n.guid = s.guid
        order by n.announced_at desc, n.entry_id desc limit 1) b
    where s.is_first and s.sole and b.url <> s.url)
insert into entry_announcement (entry_id, feed_id, url, guid, title, updated_at, announced_at)
select entry_id, feed_id, url, guid, title, updated_at, announced_at from said
on conflict (entry_id, feed_id) do update set title = coalesce(nullif(excluded.title, ''), entry_announcement.title),
                                              updated_at = coalesce(excluded.updated_at, entry_announcement.updated_at)
returning feed_id, announced_at;

-- name: to_fetch — a batch's entries that wait for their page
select entry_id, url, host, attempts, breaks from entry
where batch_id = %(batch_id)s and stage = 'fetch' order by entry_id;

-- name: to_extract — a batch's entries that wait for extraction, with where their bytes lie
select e.entry_id, e.source_id, e.title as feed_title, e.content, e.claimed_at, e.claimed_zone_min, e.first_seen_at, e.attempts, e.breaks,
       p.page_id, p.url, p.content_type, p.fetched_at, p.warc_file, p.warc_offset, p.warc_length,
       t.url as twin_url, t.content_type as twin_type, t.warc_file as twin_file, t.warc_offset as twin_offset, t.warc_length as twin_length
from entry e join page p using (entry_id) left join page_twin t using (entry_id)
where e.batch_id = %(batch_id)s and e.stage = 'extract' order by e.entry_id;

-- name: to_deduplicate — a batch's articles that wait for their story
select e.entry_id, e.attempts, e.breaks, a.article_id, a.source_id, a.url_key, a.text, a.authors, a.site_name, a.url,
       p.url as page_url, s.name as source
from entry e join article a using (entry_id) join page p on p.page_id = a.page_id join source s on s.source_id = a.source_id
where e.batch_id = %(batch_id)s and e.stage = 'deduplicate' order by e.entry_id;

-- name: to_tag — a batch's articles that wait for their topics
select e.entry_id, e.attempts, e.breaks, a.article_id, a.title, a.text, a.text_sha256, a.language
from entry e join article a using (entry_id)
where e.batch_id = %(batch_id)s and e.stage = 'tag' order by e.entry_id;

-- name: to_load — a batch's articles that wait to become visible
select e.entry_id, e.attempts, e.breaks, a.article_id, a.story_id
from entry e join article a using (entry_id)
where e.batch_id = %(batch_id)s and e.stage = 'load' order by e.entry_id;

-- name: settle — move entries on to their next stage, back to fetch, or to their end, and write the ledger; only from the stage and batch that they are in
with v (entry_id, next_stage, status, reason, detail, ready_at, article_id) as (values %s),
moved as (
    update entry e set
        stage = v.next_stage,
        status = case when v.next_stage <> 'done' then 'pending' when v.reason is null then 'loaded' else v.status end,
        reason = case when v.next_stage = 'done' then v.reason end,
        attempts = e.attempts + (e.stage = 'fetch')::int,
        ready_at = coalesce(v.ready_at::timestamptz, e.ready_at),
        batch_id = case when v.next_stage = 'fetch' then null else e.batch_id end,
        article_id = coalesce(v.article_id::int, e.article_id),
        settled_at = case when v.next_stage = 'done' then clock_timestamp() end,
        content = case when v.next_stage in ('fetch', 'extract') then e.content end
    from v
    where e.entry_id = v.entry_id and e.batch_id = %(batch_id)s and e.stage = %(stage)s
    returning e.entry_id, e.attempts, v.status, v.reason, v.detail)
insert into outcome (entry_id, stage, attempt, status, reason, detail, at, batch_id)
select entry_id, %(stage)s, attempts, status, reason, detail, clock_timestamp(), %(batch_id)s from moved
on conflict (entry_id, stage, attempt) do update set status = excluded.status, reason = excluded.reason, detail = excluded.detail, at = excluded.at;

-- name: release_unfetched — give back what a batch's fetch did not reach in its time
update entry set batch_id = null where batch_id = %(batch_id)s and stage = 'fetch'
returning entry_id;

-- name: reopen_twins — entries that ended because this one's article was there already, now that it will not be loaded
update entry set stage = 'fetch', status = 'pending', reason = null, settled_at = null, batch_id = null, article_id = null
where reason = 'same_page' and entry_id <> %(entry_id)s
  and article_id = (select article_id from article where entry_id = %(entry_id)s and loaded_at is null)
returning entry_id;

-- name: announced — which of these identities are entries
select identity from entry where identity = any(%(identities)s);

-- name: blame — count a break against an entry
update entry set breaks = breaks + 1 where entry_id = %(entry_id)s
returning breaks;

-- name: note_outcomes — ledger rows for entries that ended at the poll
insert into outcome (entry_id, stage, attempt, status, reason, detail, at) values %s
on conflict (entry_id, stage, attempt) do nothing;
