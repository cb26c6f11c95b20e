-- name: adoptable — loaded articles that the schedule does not know yet, the first loaded first
select a.article_id, a.title, a.text, a.loaded_at, a.fetched_at, least(a.published_at, a.first_seen_at) as began_at, e.host
from article a join entry e using (entry_id)
where a.loaded_at >= coalesce((select max(loaded_at) from refetch), '-infinity') - interval '1 hour'
  and not exists (select from refetch r where r.article_id = a.article_id)
order by a.loaded_at, a.article_id limit %(limit)s;

-- name: adopt — the schedule of new articles
insert into refetch (article_id, host, due_at, why, loaded_at, corrected_at, retracted_at) values %s
on conflict (article_id) do nothing
returning article_id;

-- name: note_first — the first fetch of articles, as the beginning of their log
insert into page_check (article_id, number, at, result, http_status, size_bytes, sha256, warc_file, warc_offset, warc_length)
select a.article_id, 0, p.fetched_at, 'first', p.http_status, p.size_bytes, p.sha256, p.warc_file, p.warc_offset, p.warc_length
from article a join page p using (page_id) where a.article_id = any(%(article_ids)s)
on conflict do nothing;

-- name: hasten — what feeds changed since its last fetch is due now; a feed that asked for nothing before is heeded less and less
update refetch r set due_at = clock_timestamp(), asked = true, why = 'a feed changed what it says of it'
from (select e.article_id, max(c.at) as at
      from entry_change c join entry e using (entry_id)
      where c.at > clock_timestamp() - interval '3 days' and c.what <> 'url' group by 1) said
where r.article_id = said.article_id and r.lease_owner is null and r.stage = 'fetch'
  and said.at > coalesce(r.checked_at, r.loaded_at) and coalesce(r.due_at, 'infinity') > clock_timestamp()
  and coalesce(r.checked_at, r.loaded_at) < clock_timestamp() - make_interval(secs => %(first_s)s * 2 ^ least(r.vain, 6))
returning r.article_id;

-- name: ask_for — articles that a person wants to be looked at now, by URL as announced or by the key of their page's
update refetch r set due_at = clock_timestamp(), why = 'asked for by hand'
where r.lease_owner is null and r.article_id in (
    select article_id from article where url_key = any(%(keys)s)
    union select article_id from entry where identity = any(%(keys)s))
returning r.article_id;

-- name: serialise_claims — one claim at a time, or two would each take the articles of one host
select pg_advisory_xact_lock(28010);

-- name: claim_due — lease due articles to one owner, hosts in turn, none whose host asks us to wait or is in another worker's hands
with ranked as (
    select article_id, due_at, row_number() over (partition by host order by due_at, article_id) as turn
    from refetch r
    where due_at <= clock_timestamp() and (lease_until is null or lease_until < clock_timestamp())
      and not exists (select from host h where h.host = r.host and h.hold_until > clock_timestamp())
      and not (%(exclusive)s and exists (
          select from refetch o where o.host = r.host and o.lease_owner is not null and o.lease_until >= clock_timestamp())))
update refetch set lease_owner = %(owner)s, lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
where article_id in (
    select article_id from refetch
    where article_id in (select article_id from ranked where turn <= %(per_host)s order by turn, due_at limit %(limit)s)
    for update skip locked)
returning article_id;

-- name: free_run — give back what a run holds
update refetch set lease_owner = null, lease_until = null where starts_with(lease_owner, %(run)s || '/')
returning article_id;

-- name: of_owner — the articles that an owner is to ask for, with their lease renewed
with held as (
    update refetch set lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
    where lease_owner = %(owner)s and stage = 'fetch' returning *)
select r.*, e.entry_id, e.url, least(a.published_at, a.first_seen_at) as began_at,
       p.url as page_url, p.sha256, p.etag, p.last_modified, p.fetched_at as page_at
from held r join article a using (article_id) join entry e on e.entry_id = a.entry_id join page p on p.page_id = a.page_id
order by r.article_id;

-- name: log — what fetches found; a fetch is logged once
insert into page_check (article_id, number, at, result, reason, detail, http_status, size_bytes, sha256, warc_file, warc_offset, warc_length)
values %s
on conflict (article_id, number) do nothing
returning article_id;

-- name: settle — when each article is due again and what is known of it; only of those that the owner still holds, as far as it knows them
with v (article_id, number, stage, due_at, why, at, unchanged, misses, failures, vain, removed_at, keep) as (values %s)
update refetch r set
    stage = v.stage, due_at = v.due_at::timestamptz, why = v.why, checks = v.number, checked_at = v.at::timestamptz, asked = r.asked and v.keep,
    unchanged = v.unchanged, misses = v.misses, failures = v.failures, vain = v.vain, removed_at = v.removed_at::timestamptz, tries = 0,
    lease_owner = case when v.keep then r.lease_owner end, lease_until = case when v.keep then r.lease_until end
from v where r.article_id = v.article_id and r.lease_owner = %(owner)s and r.checks = v.number - 1 and r.stage = 'fetch'
returning r.article_id;

-- name: release — give back what a fetch did not reach in its time
update refetch set lease_owner = null, lease_until = null where lease_owner = %(owner)s and stage = 'fetch'
returning article_id;

-- name: to_read — an owner's articles whose new bytes wait to be read, with what is known of the text before
with held as (
    update refetch set lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
    where lease_owner = %(owner)s and stage = 'extract' returning *)
select r.*, e.entry_id, a.source_id, e.title as feed_title, e.claimed_at, e.claimed_zone_min, a.first_seen_at,
       least(a.published_at, a.first_seen_at) as began_at, a.title, a.text, a.published_at, a.published_origin, a.story_id,
       case when a.engine ~ '^feed' then a.text end as content,
       p.page_id, p.url, p.content_type, p.fetched_at, p.warc_file, p.warc_offset, p.warc_length, p.sha256, a.generation_id,
       b.at as before_at, b.warc_file as before_file, b.warc_offset as before_offset, b.warc_length as before_length,
       w.title as withheld_title, w.text as withheld_text,
       t.url as twin_url, t.content_type as twin_type, t.warc_file as twin_file, t.warc_offset as twin_offset, t.warc_length as twin_length
from held r join article a using (article_id) join entry e on e.entry_id = a.entry_id join page p on p.page_id = a.page_id
left join page_twin t on t.entry_id = a.entry_id
left join lateral (
    select * from page_check c where c.article_id = r.article_id and c.number < r.checks and c.result in ('first', 'same_text', 'revised')
    order by number desc limit 1) b on true
left join lateral (
    select * from revision v where v.article_id = r.article_id order by version desc limit 1) w on true
order by r.article_id;

-- name: begin_reading — counted before it is tried, so that what ends the process is set aside at last
update refetch set tries = tries + 1 where article_id = any(%(article_ids)s)
returning article_id, tries;

-- name: note_read — what reading made of changed bytes
update page_check set result = %(result)s, reason = %(reason)s, detail = %(detail)s
where article_id = %(article_id)s and number = %(number)s and result = 'changed';

-- name: end_reading — the new bytes are read; no row when another worker has the article
update refetch set stage = 'fetch', due_at = %(due_at)s, why = %(why)s, tries = 0, asked = false, lease_owner = null, lease_until = null,
    unchanged = case when %(revised)s then 0 else unchanged + 1 end,
    vain = case when %(revised)s then 0 when asked then vain + 1 else vain end,
    revisions = revisions + (%(version)s is not null)::int,
    revised_at = case when %(version)s is not null then %(at)s else revised_at end,
    corrected_at = case when %(kind)s = 'correction' then coalesce(corrected_at, %(at)s) else corrected_at end,
    retracted_at = case when %(kind)s = 'retraction' then coalesce(retracted_at, %(at)s) else retracted_at end
where article_id = %(article_id)s and lease_owner = %(owner)s and stage = 'extract'
returning article_id;
