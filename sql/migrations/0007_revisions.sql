alter table page add column etag text, add column last_modified text;
comment on column page.etag is 'Validator of these bytes.';
comment on column page.last_modified is 'Validator of these bytes.';

alter table entry_announcement add column updated_at timestamptz;
comment on column entry_announcement.updated_at is 'When the feed says that the entry was last changed.';

alter table entry_change drop constraint entry_change_what_check;
alter table entry_change add constraint entry_change_what_check check (what in ('title', 'url', 'updated'));
comment on column entry_change.what is 'title; updated: the feed dates its last change anew; url: the same guid came with another URL, which is an entry of its own.';
create index entry_change_at_idx on entry_change (at) where what <> 'url';

create table refetch (
    article_id   int primary key references article on delete cascade,
    host         text not null,
    stage        text not null default 'fetch' check (stage in ('fetch', 'extract')),
    due_at       timestamptz,
    why          text not null,
    asked        boolean not null default false,
    vain         int not null default 0,
    checks       int not null default 0,
    unchanged    int not null default 0,
    misses       int not null default 0,
    failures     int not null default 0,
    tries        int not null default 0,
    loaded_at    timestamptz not null,
    checked_at   timestamptz,
    removed_at   timestamptz,
    corrected_at timestamptz,
    retracted_at timestamptz,
    revised_at   timestamptz,
    revisions    int not null default 0,
    lease_owner  text,
    lease_until  timestamptz
);
create index refetch_due_idx on refetch (due_at);
create index refetch_owner_idx on refetch (lease_owner) where lease_owner is not null;
create index refetch_host_idx on refetch (host) where lease_owner is not null;
create index refetch_loaded_idx on refetch (loaded_at);
comment on table refetch is 'What the schedule of refetches knows of each loaded article, and what became of it since.';
comment on column refetch.article_id is 'The article.';
comment on column refetch.host is 'Host of the URL that is asked.';
comment on column refetch.stage is 'fetch: waits until it is due; extract: other bytes have come and wait to be read.';
comment on column refetch.due_at is 'When its page is asked for again; null when no more.';
comment on column refetch.why is 'Why then, in words.';
comment on column refetch.asked is 'It is due because a feed changed what it says of it.';
comment on column refetch.vain is 'How often in a row a feed asked for nothing: such a feed is heeded less and less.';
comment on column refetch.checks is 'Refetches so far; the number of the last row in page_check.';
comment on column refetch.unchanged is 'Of these, in a row, those that found the text as it was.';
comment on column refetch.misses is 'Answers 404 or 410 in a row; two are a removal.';
comment on column refetch.failures is 'Refetches in a row that brought no answer.';
comment on column refetch.tries is 'How often reading the new bytes was begun; 0 once they are read.';
comment on column refetch.loaded_at is 'When the article was loaded.';
comment on column refetch.checked_at is 'Last refetch, whatever came of it.';
comment on column refetch.removed_at is 'First answer that the page is gone, of those up to now; null while it is there.';
comment on column refetch.corrected_at is 'Fetch that first found a correction in it; null without one.';
comment on column refetch.retracted_at is 'Fetch that first found it retracted; null when it never was.';
comment on column refetch.revised_at is 'Fetch that found the last revision.';
comment on column refetch.revisions is 'Revisions so far.';
comment on column refetch.lease_owner is 'The worker that refetches it.';
comment on column refetch.lease_until is 'After this another worker may take it.';

create table page_check (
    article_id  int not null references article on delete cascade,
    number      int not null,
    at          timestamptz not null,
    result      text not null check (result in ('first', 'not_modified', 'same_body', 'same_text', 'revised', 'changed', 'replaced', 'unreadable', 'missing', 'failed')),
    reason      text,
    detail      text not null default '',
    http_status int,
    size_bytes  int,
    sha256      bytea,
    warc_file   text,
    warc_offset bigint,
    warc_length bigint,
    primary key (article_id, number)
);
create index page_check_file_idx on page_check (warc_file);
comment on table page_check is 'Every fetch of an article''s page: the first, and each refetch with what it found and where it lies in the archive.';
comment on column page_check.article_id is 'The article.';
comment on column page_check.number is '0 for the first fetch, then counted.';
comment on column page_check.at is 'When the answer came.';
comment on column page_check.result is 'first; not_modified (304); same_body (by digest); same_text (other bytes, the same title and text); revised; changed (other bytes, not read yet); replaced (the address has another page now); unreadable (no article text in it); missing (404, 410, or led to the front page); failed (no answer).';
comment on column page_check.reason is 'Outcome reason of what is unreadable, missing or failed.';
comment on column page_check.detail is 'What the server or the page said.';
comment on column page_check.http_status is 'Status of the last answer, if there was one.';
comment on column page_check.size_bytes is 'Bytes of the decompressed body.';
comment on column page_check.sha256 is 'Digest of the decompressed body.';
comment on column page_check.warc_file is 'WARC file with the answer, relative to the archive''s root; a revisit record when nothing had changed.';
comment on column page_check.warc_offset is 'Byte offset of the record''s gzip member.';
comment on column page_check.warc_length is 'Bytes of the record''s gzip member.';

create table revision (
    article_id     int not null references article on delete cascade,
    version        int not null check (version > 1),
    check_number   int not null,
    generation_id  int not null references generation,
    found_at       timestamptz not null,
    seen_before_at timestamptz not null,
    modified_at    timestamptz,
    kind           text not null check (kind in ('edit', 'correction', 'retraction')),
    notice         text,
    title_was      text not null,
    title          text not null,
    text_was       text not null,
    text           text,
    share_changed  real not null,
    words_added    int not null,
    words_removed  int not null,
    diff           text not null,
    primary key (article_id, version)
);
create index revision_found_idx on revision (found_at);
comment on table revision is 'Changes of title or text that refetches found: one row a version after the first.';
comment on column revision.article_id is 'The article.';
comment on column revision.version is 'The version that it made; 1 is the article as it was first loaded.';
comment on column revision.check_number is 'The fetch in page_check that found it.';
comment on column revision.generation_id is 'The extraction that read both versions.';
comment on column revision.found_at is 'When that fetch was answered.';
comment on column revision.seen_before_at is 'Last fetch that still found the version before: the change was made between the two.';
comment on column revision.modified_at is 'Last change that the page itself states.';
comment on column revision.kind is 'edit; correction or retraction when the new version says so of itself and the one before did not.';
comment on column revision.notice is 'The words that say so.';
comment on column revision.title_was is 'Title before.';
comment on column revision.title is 'Title since.';
comment on column revision.text_was is 'Text before.';
comment on column revision.text is 'Text since, where it did not become the article''s: a retraction that left next to nothing of it. Else null.';
comment on column revision.share_changed is '0..1; words taken out and put in, of the words of both versions together.';
comment on column revision.words_added is 'Words put in.';
comment on column revision.words_removed is 'Words taken out.';
comment on column revision.diff is 'The changed paragraphs, numbered as in the newer version, with [-what was taken out-]{+what was put in+}.';

create table article_change (
    article_id int not null references article on delete cascade,
    at         timestamptz not null,
    what       text not null check (what in ('revised', 'corrected', 'retracted', 'removed', 'returned', 'replaced')),
    reason     text,
    detail     text not null default '',
    version    int,
    primary key (article_id, at, what)
);
create index article_change_at_idx on article_change (at);
comment on table article_change is 'The history of an article after it was loaded: revisions, corrections, retractions, removals.';
comment on column article_change.article_id is 'The article.';
comment on column article_change.at is 'The fetch that found it.';
comment on column article_change.what is 'revised; corrected, retracted (it says so of itself); removed; returned; replaced (its address has another page now).';
comment on column article_change.reason is 'Outcome reason of a removal: not_found, gone, redirects.';
comment on column article_change.detail is 'The words of the notice, or what the server said.';
comment on column article_change.version is 'The version that it led to, where it led to one.';
