-- name: insert — a new version of an article
insert into revision (article_id, version, check_number, generation_id, found_at, seen_before_at, modified_at, kind, notice, title_was, title,
    text_was, text, share_changed, words_added, words_removed, diff)
values (%(article_id)s, %(version)s, %(check_number)s, %(generation_id)s, %(found_at)s, %(seen_before_at)s, %(modified_at)s, %(kind)s, %(notice)s,
    %(title_was)s, %(title)s, %(text_was)s, %(text)s, %(share_changed)s, %(words_added)s, %(words_removed)s, %(diff)s);

-- name: seen_before — the last fetch before one that still found the text as it was
select max(at) from page_check
where article_id = %(article_id)s and number < %(number)s and result in ('first', 'not_modified', 'same_body', 'same_text', 'revised');

-- name: note_changes — the history of articles
insert into article_change (article_id, at, what, reason, detail, version) values %s
on conflict (article_id, at, what) do nothing
returning article_id;

-- name: of_url — the revisions of an article, by the key of a URL, with their texts
select r.article_id, r.version, r.found_at, r.seen_before_at, r.modified_at, r.kind, r.notice, r.share_changed, r.words_added, r.words_removed,
       r.title_was, r.title, r.diff, a.url, s.name as source
from article a join revision r using (article_id) join source s using (source_id)
where a.url_key = %(key)s or a.article_id = any(array(select article_id from entry where identity = %(key)s)) order by r.version;

-- name: life — what became of an article after it was loaded
select a.article_id, a.url, a.title, s.name as source, l.checks, l.checked_at, l.due_at, l.why, l.revisions, l.removed_at, l.corrected_at, l.retracted_at
from article a join source s using (source_id) left join refetch l using (article_id)
where a.loaded_at is not null and (a.url_key = %(key)s or a.article_id = any(array(select article_id from entry where identity = %(key)s)));

-- name: changes — the history of an article
select at, what, reason, detail, version from article_change where article_id = %(article_id)s order by at, what;
