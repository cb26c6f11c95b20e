-- name: fields — where each field was read, and how far to trust it
select field, value, source, confidence from analyst.article_fields where article_id = %(article_id)s order by field;

-- name: asides — dates that the page states and that were not believed
select field, value, source, reason from analyst.dates_set_aside where article_id = %(article_id)s;

-- name: revisions — what changed in it since it was loaded, the newest first
select version, kind, found_at, title_was, title, share_changed, words_added, words_removed, notice, diff
from revision where article_id = %(article_id)s order by version desc;

-- name: checks — the last fetches of its page
select number, at, result, reason, detail, http_status, size_bytes, warc_file, warc_offset
from page_check where article_id = %(article_id)s order by number desc limit 20;

-- name: life — what the schedule of refetches knows of it
select due_at, why, checks, checked_at, revisions, removed_at, corrected_at, retracted_at from refetch where article_id = %(article_id)s;

-- name: syndication — where it names an agency
select agency, is_agency, evidence from syndication where article_id = %(article_id)s;
