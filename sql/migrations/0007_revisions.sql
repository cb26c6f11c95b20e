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
create index refetch_removed_idx on refetch (removed_at) where removed_at is not null;
create index refetch_corrected_idx on refetch (corrected_at) where corrected_at is not null;
create index refetch_retracted_idx on refetch (retracted_at) where retracted_at is not null;
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
create index article_change_what_idx on article_change (what, at);
comment on table article_change is 'The history of an article after it was loaded: revisions, corrections, retractions, removals.';
comment on column article_change.article_id is 'The article.';
comment on column article_change.at is 'The fetch that found it.';
comment on column article_change.what is 'revised; corrected, retracted (it says so of itself); removed; returned; replaced (its address has another page now).';
comment on column article_change.reason is 'Outcome reason of a removal: not_found, gone, redirects.';
comment on column article_change.detail is 'The words of the notice, or what the server said.';
comment on column article_change.version is 'The version that it led to, where it led to one.';

create table replay (
    replay_id  int generated always as identity primary key,
    stage      text not null check (stage in ('extract', 'deduplicate', 'tag')),
    state      text not null default 'building' check (state in ('building', 'draft', 'live', 'retired')),
    scope      jsonb not null,
    methods    jsonb not null,
    begun_at   timestamptz not null default now(),
    begun_by   text not null,
    built_at   timestamptz,
    report     jsonb,
    settled_at timestamptz,
    settled_by text
);
comment on table replay is 'Shadow versions: archived pages, or stored texts, under the current methods, beside what analysts see until a person publishes or drops them.';
comment on column replay.replay_id is 'Its id.';
comment on column replay.stage is 'The first step that is done anew; those behind it follow.';
comment on column replay.state is 'building; draft: whole, and waits for a person; live: published; retired: dropped.';
comment on column replay.scope is 'Which pages: {source, since, until}; null for no bound.';
comment on column replay.methods is 'The version of each step, the generation that it writes, and the version of each topic; a replay goes on under the same ones only.';
comment on column replay.begun_at is 'When.';
comment on column replay.begun_by is 'By whom.';
comment on column replay.built_at is 'When it was whole.';
comment on column replay.report is 'What publishing it would change.';
comment on column replay.settled_at is 'When it was published or dropped.';
comment on column replay.settled_by is 'By whom.';

create table replay_article (
    replay_id     int not null references replay on delete cascade,
    entry_id      bigint not null references entry on delete cascade,
    part          int not null,
    article_id    int references article on delete cascade,
    generation_id int references generation,
    outcome       text check (outcome in ('same', 'changed', 'lost', 'gained', 'none', 'unread')),
    reason        text,
    detail        text not null default '',
    was           bytea,
    "values"      jsonb,
    tags          jsonb,
    text_changed  boolean not null default false,
    title_changed boolean not null default false,
    overlap       real,
    date_was      timestamptz,
    date          timestamptz,
    topics_was    text[] not null default '{}',
    topics        text[] not null default '{}',
    primary key (replay_id, entry_id)
);
create index replay_article_part_idx on replay_article (replay_id, part, entry_id) where outcome is null;
create index replay_article_article_idx on replay_article (article_id);
create index replay_article_entry_idx on replay_article (entry_id);
comment on table replay_article is 'The rows of a shadow version: what a replay makes of each page.';
comment on column replay_article.replay_id is 'The replay.';
comment on column replay_article.entry_id is 'The entry whose page it is.';
comment on column replay_article.part is 'The part of the work that it is in.';
comment on column replay_article.article_id is 'Its article; null when there is none yet.';
comment on column replay_article.generation_id is 'The method that made this row.';
comment on column replay_article.outcome is 'same; changed; lost: no article by the new method; gained: one where there was none; none: still none; unread: its bytes are not in the archive. Null until it is done.';
comment on column replay_article.reason is 'Outcome reason, of lost and none.';
comment on column replay_article.detail is 'What was said with it.';
comment on column replay_article.was is 'Digest of the title and text that it was compared with: an article that has changed since is left alone.';
comment on column replay_article."values" is 'The article''s columns by the new method, where any of them differs.';
comment on column replay_article.tags is 'Its topics with their evidence, where they differ or the text does.';
comment on column replay_article.text_changed is 'Whether the text differs.';
comment on column replay_article.title_changed is 'Whether the title differs.';
comment on column replay_article.overlap is '0..1; F1 of the runs of four words that both texts have.';
comment on column replay_article.date_was is 'Publication as it is.';
comment on column replay_article.date is 'Publication by the new method.';
comment on column replay_article.topics_was is 'Topics with their levels as they are: topic/level.';
comment on column replay_article.topics is 'Topics with their levels by the new method.';
