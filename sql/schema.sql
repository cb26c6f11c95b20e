-- The current truth: what all migrations add up to (tested). The analyst's views are in sql/analyst/.

create table generation (
    generation_id int generated always as identity primary key,
    stage         text not null check (stage in ('extract', 'deduplicate', 'group', 'tag')),
    version       text not null,
    config_hash   bytea not null,
    state         text not null check (state in ('draft', 'building', 'live', 'retired')),
    created_at    timestamptz not null default now(),
    live_at       timestamptz,
    unique (stage, version, config_hash)
);
-- serves generations.live: one live generation a stage
create unique index generation_live_idx on generation (stage) where state = 'live';
comment on table generation is 'Versions of the derived data. Derived rows carry their generation; one generation a stage is live.';
comment on column generation.generation_id is 'Its id.';
comment on column generation.created_at is 'When it was begun.';
comment on column generation.stage is 'The stage whose results it versions.';
comment on column generation.version is 'Version of the method, as the code names it.';
comment on column generation.config_hash is 'sha256 of the settings that change the result.';
comment on column generation.state is 'draft, building beside the live one, live, or retired.';
comment on column generation.live_at is 'When it became the live one.';

create table source (
    source_id  int generated always as identity primary key,
    name       text not null unique,
    homepage   text,
    tags       text[] not null default '{}',
    created_at timestamptz not null default now(),
    keep_articles_days int check (keep_articles_days >= 0),
    keep_pages_days int check (keep_pages_days >= 0),
    keep_archive_days int check (keep_archive_days >= 0)
);
comment on table source is 'Publishers: a site with one or more feeds.';
comment on column source.source_id is 'Its id.';
comment on column source.created_at is 'When it was first subscribed to.';
comment on column source.name is 'The name that people know it by.';
comment on column source.homepage is 'Its front page.';
comment on column source.tags is 'Labels that came with the subscription (OPML folders, categories).';
comment on column source.keep_articles_days is 'Days that its articles are kept after they were loaded; 0: for ever; null: as the settings say.';
comment on column source.keep_pages_days is 'Days that its pages which gave no article are kept; 0: for ever; null: as the settings say.';
comment on column source.keep_archive_days is 'Days that the archived bytes of its articles are kept; 0: for ever; null: as the settings say.';

create table feed (
    feed_id       int generated always as identity primary key,
    source_id     int not null references source,
    url           text not null,
    url_key       bytea not null unique,
    title         text not null default '',
    format        text not null default 'unknown',
    state         text not null default 'active' check (state in ('active', 'paused', 'retired')),
    interval_s    int not null default 1800 check (interval_s > 0),
    next_poll_at  timestamptz not null default now(),
    why           text not null default 'new feed',
    failures      int not null default 0,
    etag          text,
    last_modified text,
    body_sha256   bytea,
    polled_at     timestamptz,
    changed_at    timestamptz,
    lease_owner   text,
    lease_until   timestamptz,
    created_at    timestamptz not null default now(),
    polls         int not null default 0,
    unmodified    boolean not null default false,
    distrust_until timestamptz,
    retired_by    text check (retired_by in ('hand', 'failures', 'merge')),
    first_url     text,
    moved_to      text,
    moved_since   timestamptz,
    moved_polls   int not null default 0,
    answered_at   timestamptz,
    host          text not null generated always as
        (lower(trim(both '[]' from coalesce(substring(url from '^\w+://(?:[^/?#]*@)?(\[[^]]*\]|[^/?#:]*)'), '')))) stored,
    credential    text
);
-- serves feeds.claim_due
create index feed_due_idx on feed (next_poll_at) where state <> 'paused';
-- serves the join from a source to its feeds
create index feed_source_idx on feed (source_id);
-- serves feeds.claim_due: hosts that another shard polls
create index feed_leased_host_idx on feed (host) where lease_owner is not null;
comment on table feed is 'Subscribed URLs, with what the schedule knows of each.';
comment on column feed.feed_id is 'Its id.';
comment on column feed.source_id is 'Its publisher.';
comment on column feed.title is 'What it calls itself.';
comment on column feed.created_at is 'When it was subscribed.';
comment on column feed.host is 'Host of the URL, for fair and paced polling.';
comment on column feed.credential is 'Name of the secret that the feed is asked with; the secret itself is never stored.';
comment on column feed.url is 'As it is asked for.';
comment on column feed.url_key is '16 bytes of sha256 over the normalised URL: one subscription a feed.';
comment on column feed.format is 'What the last readable body was: rss, rdf, atom, json, sitemap, html, unknown.';
comment on column feed.state is 'active: polled when due; paused: by a person; retired: gone, probed rarely.';
comment on column feed.interval_s is 'Seconds between polls, as the schedule now has it.';
comment on column feed.next_poll_at is 'When it is due.';
comment on column feed.why is 'Why the interval is what it is, in words.';
comment on column feed.failures is 'Failed polls in a row.';
comment on column feed.etag is 'Validator of the last body.';
comment on column feed.last_modified is 'Validator of the last body.';
comment on column feed.body_sha256 is 'Hash of the last body: the same body is not parsed again.';
comment on column feed.polled_at is 'Last poll, whatever came of it.';
comment on column feed.changed_at is 'Last poll that announced something new.';
comment on column feed.lease_owner is 'The worker that is polling it.';
comment on column feed.lease_until is 'After this another worker may take it.';
comment on column feed.polls is 'Polls so far: every 50th asks for the whole body.';
comment on column feed.unmodified is 'The server has said 304 since the last whole body.';
comment on column feed.distrust_until is 'Validators are not sent before: a 304 had hidden a changed body.';
comment on column feed.retired_by is 'hand: stays retired whatever its probes answer; failures: until one answers; merge: another feed has its place, and it is not polled.';
comment on column feed.first_url is 'The URL before it was first rewritten, on which identities of entries without a URL rest; null when it never was.';
comment on column feed.moved_to is 'Where a permanent redirect leads, until it is confirmed.';
comment on column feed.moved_since is 'First poll that was led there.';
comment on column feed.moved_polls is 'Polls in a row that were led there.';
comment on column feed.answered_at is 'Last poll that was answered with a feed.';

create table feed_poll (
    poll_id     bigint generated always as identity primary key,
    feed_id     int not null references feed on delete cascade,
    polled_at   timestamptz not null,
    result      text not null check (result in ('new', 'nothing_new', 'same_body', 'not_modified', 'not_a_feed', 'failed')),
    reason      text,
    detail      text not null default '',
    http_status int,
    size_bytes  int not null default 0,
    elapsed_ms  int not null default 0,
    entries     int not null default 0,
    entries_new int not null default 0
);
-- serves feeds.list and analyst.feeds: the last polls of a feed
create index feed_poll_feed_idx on feed_poll (feed_id, polled_at desc);
-- serves maintenance.prune_polls
create index feed_poll_polled_idx on feed_poll (polled_at);
comment on table feed_poll is 'One row a poll: what the server said and what it brought.';
comment on column feed_poll.poll_id is 'Its id.';
comment on column feed_poll.feed_id is 'The feed.';
comment on column feed_poll.polled_at is 'When.';
comment on column feed_poll.http_status is 'Status of the last answer, if there was one.';
comment on column feed_poll.elapsed_ms is 'Milliseconds from the request to the last byte.';
comment on column feed_poll.result is 'new, nothing_new (changed body, known entries), same_body (by hash), not_modified (304), not_a_feed, failed.';
comment on column feed_poll.reason is 'Outcome reason when it failed.';
comment on column feed_poll.detail is 'Notes: what was odd in the feed, or what the failure said.';
comment on column feed_poll.size_bytes is 'Bytes of the decompressed body.';
comment on column feed_poll.entries is 'Items in the body, before merging.';
comment on column feed_poll.entries_new is 'Of these, entries not known before.';

create table feed_change (
    change_id bigint generated always as identity primary key,
    feed_id   int not null references feed on delete cascade,
    at        timestamptz not null,
    what      text not null check (what in ('state', 'url', 'validators', 'merged', 'credential')),
    was       text not null,
    becomes   text not null,
    why       text not null
);
-- serves analyst.feed_changes: the history of a feed
create index feed_change_feed_idx on feed_change (feed_id, at);
comment on table feed_change is 'The history of a feed: one row for each change of its state, its URL or the trust in its server.';
comment on column feed_change.change_id is 'Its id.';
comment on column feed_change.feed_id is 'The feed.';
comment on column feed_change.at is 'When.';
comment on column feed_change.what is 'state, url, validators (no longer believed), merged (another feed has its place), credential (the name of the secret).';
comment on column feed_change.was is 'Before; for merged its own URL.';
comment on column feed_change.becomes is 'After; for merged the URL of the feed that stays.';
comment on column feed_change.why is 'What decided.';

create table feed_gap (
    feed_id         int not null references feed on delete cascade,
    from_at         timestamptz not null,
    to_at           timestamptz not null,
    interval_s      int not null,
    failures        int not null,
    possibly_missed boolean not null,
    primary key (feed_id, from_at)
);
-- serves status.coverage: the gaps of the last days
create index feed_gap_to_idx on feed_gap (to_at);
comment on table feed_gap is 'Times without an answer that were longer than two intervals (and 15 minutes more than one), written when they end.';
comment on column feed_gap.feed_id is 'The feed.';
comment on column feed_gap.from_at is 'Last answer before it.';
comment on column feed_gap.to_at is 'First answer after it.';
comment on column feed_gap.interval_s is 'Seconds after which it was to be asked again.';
comment on column feed_gap.failures is 'Failed polls in it; 0 when nobody asked.';
comment on column feed_gap.possibly_missed is 'The first body after it held nothing that the feed had announced before: entries may have come and gone unseen.';

create table host (
    host       text primary key,
    hold_until timestamptz,
    why        text not null default '',
    next_at    timestamptz,
    failures   int not null default 0
);
comment on table host is 'Hosts that asked us to wait (Retry-After) or are down; claiming passes them by until then.';
comment on column host.host is 'Host name.';
comment on column host.hold_until is 'No request before this time.';
comment on column host.why is 'What asked for it.';
comment on column host.next_at is 'The next request that a worker may make there, when requests are spaced.';
comment on column host.failures is 'How often in a row it was given up as down; 0 once it answers.';

create table robots (
    origin       text primary key,
    body         bytea,
    fetched_at   timestamptz not null,
    expires_at   timestamptz not null,
    broken_since timestamptz,
    why          text not null default ''
);
-- serves maintenance.forget_robots: what nobody has asked for lately
create index robots_expires_idx on robots (expires_at);
comment on table robots is 'robots.txt of each site, as all workers share it.';
comment on column robots.origin is 'Scheme, host and port.';
comment on column robots.body is 'The file; empty where the site has none, null while it was never had.';
comment on column robots.fetched_at is 'When it was had.';
comment on column robots.expires_at is 'To be asked for again when it is needed after this time.';
comment on column robots.broken_since is 'Since when the site has answered without one (5xx, 429): its pages wait, or go by the file that was had before.';
comment on column robots.why is 'What it answered instead.';

create table batch (
    batch_id    bigint generated always as identity primary key,
    created_at  timestamptz not null default now(),
    state       text not null default 'open' check (state in ('open', 'done')),
    entries     int not null,
    lease_owner text not null,
    lease_until timestamptz not null,
    lease_count int not null default 0,
    stage_tries int not null default 0,
    in_hand     bigint,
    finished_at timestamptz,
    sent_back   int not null default 0
);
-- serves batches.take_over: open batches whose lease ran out
create index batch_open_idx on batch (lease_until) where state = 'open';
comment on table batch is 'Entries claimed together, and the lease on them.';
comment on column batch.batch_id is 'Its id.';
comment on column batch.created_at is 'When it was claimed.';
comment on column batch.state is 'open, or done once none of its entries waits.';
comment on column batch.finished_at is 'When it was done.';
comment on column batch.entries is 'How many entries were claimed.';
comment on column batch.lease_owner is 'The run that works on it.';
comment on column batch.lease_until is 'After this another run may take it over.';
comment on column batch.lease_count is 'How often it was leased: a worker whose count is not the last one may not write.';
comment on column batch.stage_tries is 'How often the stage now in work was begun; 0 after it succeeds.';
comment on column batch.in_hand is 'After a broken try: the entry being worked on, so that a second break can be laid at its door.';
comment on column batch.sent_back is 'Of its entries, those that left it before their end: not reached in time, or to be tried again later.';

create table batch_task (
    batch_task_id bigint generated always as identity primary key,
    batch_id      bigint not null references batch on delete cascade,
    stage         text not null,
    dag_id        text not null,
    run_id        text not null,
    task_id       text not null,
    map_index     int not null,
    try_number    int not null,
    begun_at      timestamptz not null default clock_timestamp(),
    ended_at      timestamptz,
    entries       int,
    ok            int
);
-- serves desk_batch.of_task: from a task in Airflow's grid to its batch
create index batch_task_run_idx on batch_task (dag_id, run_id, task_id, map_index);
-- serves desk_batch.tasks: who worked on a batch
create index batch_task_batch_idx on batch_task (batch_id);
comment on table batch_task is 'Which Airflow task did which stage of a batch, and what came of it.';
comment on column batch_task.batch_task_id is 'Its id.';
comment on column batch_task.batch_id is 'The batch.';
comment on column batch_task.stage is 'The stage.';
comment on column batch_task.dag_id is 'The DAG.';
comment on column batch_task.run_id is 'Its run.';
comment on column batch_task.task_id is 'The task.';
comment on column batch_task.map_index is 'Which of the mapped tasks; -1 where it is not mapped.';
comment on column batch_task.try_number is 'Which try of the task, from 1.';
comment on column batch_task.begun_at is 'When it began.';
comment on column batch_task.ended_at is 'When it succeeded; null while it is at it, or when it failed.';
comment on column batch_task.entries is 'Entries that it moved.';
comment on column batch_task.ok is 'Of these, those that go on.';

create table entry (
    entry_id      bigint generated always as identity primary key,
    identity      bytea not null unique,
    source_id     int not null references source,
    url           text,
    host          text not null default '',
    title         text not null default '',
    summary       text not null default '',
    claimed_at    timestamptz,
    claimed_zone_min int,
    first_seen_at timestamptz not null,
    stage         text not null check (stage in ('fetch', 'extract', 'deduplicate', 'tag', 'load', 'done')),
    status        text not null default 'pending' check (status in ('pending', 'loaded', 'dropped', 'failed')),
    reason        text,
    attempts      int not null default 0,
    breaks        int not null default 0,
    ready_at      timestamptz not null,
    batch_id      bigint references batch,
    article_id    int,
    settled_at    timestamptz,
    content       text,
    check ((stage = 'done') = (status <> 'pending'))
);
-- serves batches.claim: entries that wait for their fetch
create index entry_ready_idx on entry (ready_at) where stage = 'fetch' and batch_id is null;
-- serves every stage: the entries of its batch
create index entry_batch_idx on entry (batch_id, stage) where stage <> 'done';
-- serves explain.entries: an entry by the URL that a feed announced
create index entry_url_idx on entry (md5(url));
-- serves analyst.outcomes: what was settled when
create index entry_settled_idx on entry (settled_at) where status <> 'loaded';
-- serves the join from an article to the entries that led to it
create index entry_article_idx on entry (article_id);
-- serves the join from a source to its entries
create index entry_source_idx on entry (source_id, first_seen_at);
-- serves desk_overview.arrivals: what came in by hour, and what became of it
create index entry_seen_idx on entry (first_seen_at) include (status, reason);
-- serves desk_outcomes.by_reason: what failed for one reason, the newest first
create index entry_reason_idx on entry (reason, settled_at desc, entry_id desc) include (source_id) where reason is not null;
-- serves desk_outcomes.by_source: what failed at one source, the newest first
create index entry_source_reason_idx on entry (source_id, settled_at desc, entry_id desc) where reason is not null;
-- serves desk_batch.entries and batches.account: all entries of a batch, also those that are done
create index entry_of_batch_idx on entry (batch_id);
comment on table entry is 'Items that feeds announced: one row for each identity, however often it is announced.';
comment on column entry.entry_id is 'Its id.';
comment on column entry.source_id is 'Source of the feed that announced it first.';
comment on column entry.title is 'Title that the feed gives.';
comment on column entry.summary is 'Summary that the feed gives, as plain text.';
comment on column entry.identity is '16 bytes of sha256 over the normalised URL; without a URL over the feed''s guid, else over title, summary and date.';
comment on column entry.url is 'As first announced; null when the feed gave none.';
comment on column entry.host is 'Host of the URL, for fair and paced fetching.';
comment on column entry.claimed_at is 'Date that the feed claims.';
comment on column entry.claimed_zone_min is 'Minutes east of UTC that the feed stated with it.';
comment on column entry.first_seen_at is 'When mediawatch first saw it announced.';
comment on column entry.stage is 'The stage that it waits for, or done.';
comment on column entry.status is 'pending, or what it came to.';
comment on column entry.reason is 'Why it was dropped, or failed; null when loaded or pending.';
comment on column entry.attempts is 'Fetches tried so far.';
comment on column entry.breaks is 'How often it broke its batch.';
comment on column entry.ready_at is 'Not to be fetched before this time.';
comment on column entry.batch_id is 'The batch that it is, or was last, worked on in.';
comment on column entry.article_id is 'The article that it led to, its own or (same_page) one that was there already.';
comment on column entry.settled_at is 'When it came to its end.';
comment on column entry.content is 'The body that the feed gives, as HTML, until the entry is extracted; null where it gives none or too much.';

create table entry_announcement (
    entry_id     bigint not null references entry on delete cascade,
    feed_id      int not null references feed on delete cascade,
    url          text,
    guid         text,
    announced_at timestamptz not null,
    title        text,
    updated_at   timestamptz,
    primary key (entry_id, feed_id)
);
-- serves analyst.feed_coverage: what a feed announced when
create index entry_announcement_feed_idx on entry_announcement (feed_id, announced_at);
-- serves entries.note_announcements: an entry by the id that its feed gave it
create index entry_announcement_guid_idx on entry_announcement (feed_id, md5(guid)) where guid is not null;
comment on table entry_announcement is 'Which feeds announced an entry, and when each did first.';
comment on column entry_announcement.entry_id is 'The entry.';
comment on column entry_announcement.feed_id is 'The feed.';
comment on column entry_announcement.url is 'The URL as this feed wrote it.';
comment on column entry_announcement.guid is 'The id that this feed gave it.';
comment on column entry_announcement.title is 'The title that this feed gives it now.';
comment on column entry_announcement.announced_at is 'First poll of this feed that held it.';
comment on column entry_announcement.updated_at is 'When the feed says that the entry was last changed.';

create table entry_change (
    entry_id bigint not null references entry on delete cascade,
    feed_id  int not null references feed on delete cascade,
    at       timestamptz not null,
    what     text not null check (what in ('title', 'url', 'updated')),
    was      text not null,
    becomes  text not null
);
-- serves analyst.entry_changes: the history of an entry
create index entry_change_entry_idx on entry_change (entry_id, at);
-- serves refetches.hasten: what feeds changed lately
create index entry_change_at_idx on entry_change (at) where what <> 'url';
comment on table entry_change is 'The history of an entry: titles and URLs that its feeds changed after they had announced it.';
comment on column entry_change.entry_id is 'The entry.';
comment on column entry_change.feed_id is 'The feed that changed it.';
comment on column entry_change.at is 'The poll that found it changed.';
comment on column entry_change.what is 'title; updated: the feed dates its last change anew; url: the same guid came with another URL, which is an entry of its own.';
comment on column entry_change.was is 'Before.';
comment on column entry_change.becomes is 'After.';

create table outcome (
    entry_id bigint not null references entry on delete cascade,
    stage    text not null check (stage in ('poll', 'fetch', 'extract', 'deduplicate', 'tag', 'load')),
    attempt  int not null,
    status   text not null check (status in ('ok', 'dropped', 'failed')),
    reason   text,
    detail   text not null default '',
    at       timestamptz not null,
    batch_id bigint,
    primary key (entry_id, stage, attempt),
    check ((status = 'ok') = (reason is null))
);
comment on table outcome is 'The ledger: what became of an entry at each stage, and of each attempt to fetch it.';
comment on column outcome.entry_id is 'The entry.';
comment on column outcome.stage is 'The stage.';
comment on column outcome.at is 'When.';
comment on column outcome.batch_id is 'The batch that it was worked on in.';
comment on column outcome.attempt is 'The entry''s fetch attempt that this belongs to, from 1; 0 at the poll.';
comment on column outcome.status is 'ok, dropped (by rule) or failed (we could not).';
comment on column outcome.reason is 'One of the reasons in docs/outcomes.md.';
comment on column outcome.detail is 'What the server or the page said.';

create table page (
    page_id      bigint generated always as identity primary key,
    entry_id     bigint not null unique references entry,
    url          text not null,
    hops         jsonb not null default '[]',
    http_status  int not null,
    content_type text,
    fetched_at   timestamptz not null,
    elapsed_ms   int not null,
    size_bytes   int not null,
    sha256       bytea not null,
    warc_file    text not null,
    warc_offset  bigint not null,
    warc_length  bigint not null,
    etag         text,
    last_modified text,
    discarded_at  timestamptz
);
-- serves maintenance.orphans: whether a page points to an archive file
create index page_file_idx on page (warc_file);
-- serves removals.old_bytes and removals.old_pages
create index page_fetched_idx on page (fetched_at) where discarded_at is null;
comment on table page is 'The bytes that an entry''s URL answered with: where they lie in the archive.';
comment on column page.page_id is 'Its id.';
comment on column page.entry_id is 'The entry whose URL it answered.';
comment on column page.http_status is 'Status of the last answer.';
comment on column page.content_type is 'Content-Type header, as sent.';
comment on column page.fetched_at is 'When the answer came.';
comment on column page.elapsed_ms is 'Milliseconds from the request to the last byte.';
comment on column page.url is 'Where the last redirect ended.';
comment on column page.hops is 'Redirects on the way: [{url, status, location}].';
comment on column page.size_bytes is 'Bytes of the decompressed body.';
comment on column page.sha256 is 'Digest of the decompressed body.';
comment on column page.warc_file is 'WARC file, relative to the archive''s root.';
comment on column page.warc_offset is 'Byte offset of the record''s gzip member.';
comment on column page.warc_length is 'Bytes of the record''s gzip member.';
comment on column page.etag is 'Validator of these bytes.';
comment on column page.last_modified is 'Validator of these bytes.';
comment on column page.discarded_at is 'When retention took its bytes out of the archive; warc_file then names a file in which they are no more.';

create table archive_file (
    file     text primary key,
    batch_id bigint not null,
    begun_at timestamptz not null default now()
);
comment on table archive_file is 'Archive files that fetches of this database began: what a killed one left can be told from other people''s files.';
comment on column archive_file.file is 'Relative to the archive''s root.';
comment on column archive_file.batch_id is 'The batch whose pages it holds.';
comment on column archive_file.begun_at is 'When.';

create table event (
    event_id   int generated always as identity primary key,
    title      text not null default '',
    created_at timestamptz not null default now(),
    terms      text[] not null default '{}',
    stories    int not null default 0,
    articles   int not null default 0,
    sources    int not null default 0,
    first_published_at timestamptz,
    last_published_at  timestamptz,
    updated_at timestamptz not null default now()
);
-- serves alerts.new_events: what happened lately
create index event_first_published_idx on event (first_published_at) where articles > 0;
comment on table event is 'All stories about the same happening. The counts cover loaded articles only.';
comment on column event.event_id is 'Its id; it stays, and an event that joins another leaves a redirect.';
comment on column event.created_at is 'When it was first grouped.';
comment on column event.title is 'Its most telling headline.';
comment on column event.terms is 'The words of its headlines that say most of it.';
comment on column event.stories is 'Stories with loaded articles in it.';
comment on column event.articles is 'Loaded articles in it.';
comment on column event.sources is 'Sources among them.';
comment on column event.first_published_at is 'Earliest publication among them.';
comment on column event.last_published_at is 'Latest publication among them.';
comment on column event.updated_at is 'When its stories last changed.';

create table event_redirect (
    event_id      int primary key,
    into_event_id int not null references event,
    at            timestamptz not null default now()
);
comment on table event_redirect is 'Events that were found to be another event: ids stay resolvable.';
comment on column event_redirect.event_id is 'The id that is no longer used.';
comment on column event_redirect.into_event_id is 'The event that most of its stories now belong to.';
comment on column event_redirect.at is 'When that was found.';

create table event_change (
    at            timestamptz not null default clock_timestamp(),
    event_id      int not null,
    into_event_id int not null,
    what          text not null check (what in ('merge', 'split')),
    stories       int[] not null
);
-- serves analyst.event_changes: the history of an event
create index event_change_event_idx on event_change (event_id, at);
comment on table event_change is 'Stories that went from one event to another.';
comment on column event_change.at is 'When.';
comment on column event_change.event_id is 'The event that they were in.';
comment on column event_change.into_event_id is 'The event that they are in now.';
comment on column event_change.what is 'merge: all of its stories went there; split: some did.';
comment on column event_change.stories is 'The stories.';

create table story (
    story_id             int generated always as identity primary key,
    event_id             int references event,
    canonical_article_id int,
    articles             int not null default 0,
    sources              int not null default 0,
    first_published_at   timestamptz,
    last_published_at    timestamptz,
    created_at           timestamptz not null default now(),
    updated_at           timestamptz not null default now(),
    agency               text
);
-- serves the join from an event to its stories
create index story_event_idx on story (event_id);
comment on table story is 'All articles that are the same piece of writing. The counts cover loaded articles only.';
comment on column story.story_id is 'Its id; it stays, and a story that joins another leaves a redirect.';
comment on column story.created_at is 'When it was first seen.';
comment on column story.event_id is 'The event that it tells of, once grouped.';
comment on column story.canonical_article_id is 'The article that stands for it: an agency''s own before all others, then the earliest, the longest on a tie.';
comment on column story.articles is 'Loaded articles in it.';
comment on column story.sources is 'Sources among them.';
comment on column story.first_published_at is 'Earliest publication among them.';
comment on column story.last_published_at is 'Latest publication among them.';
comment on column story.updated_at is 'When its members last changed.';
comment on column story.agency is 'The news agency that its articles name as their origin, most of them where they differ; null when none does.';

create table story_redirect (
    story_id      int primary key,
    into_story_id int not null references story,
    at            timestamptz not null default now()
);
comment on table story_redirect is 'Stories that were found to be another story: ids stay resolvable.';
comment on column story_redirect.at is 'When they were found to be one.';
comment on column story_redirect.story_id is 'The id that is no longer used.';
comment on column story_redirect.into_story_id is 'The story that its articles now belong to.';

create table article (
    article_id          int generated always as identity primary key,
    entry_id            bigint not null unique references entry,
    page_id             bigint not null references page,
    source_id           int not null references source,
    generation_id       int not null references generation,
    url                 text not null,
    url_key             bytea not null unique,
    title               text not null,
    text                text not null,
    text_sha256         bytea not null,
    language            text,
    language_confidence real not null,
    word_count          int not null,
    authors             text[] not null default '{}',
    site_name           text,
    published_at        timestamptz,
    published_precision text check (published_precision in ('second', 'minute', 'day')),
    published_origin    text,
    published_zone_min  int,
    modified_at         timestamptz,
    claimed_at          timestamptz,
    first_seen_at       timestamptz not null,
    fetched_at          timestamptz not null,
    engine              text not null,
    origins             jsonb not null default '{}',
    topics              text[] not null default '{}',
    story_id            int references story,
    loaded_at           timestamptz,
    kind                text not null default 'article' check (kind in ('article', 'live_blog', 'gallery', 'video')),
    script              text,
    section             text,
    tags                text[] not null default '{}',
    image_url           text,
    free                boolean,
    syndicated_from     text,
    modified_precision  text check (modified_precision in ('second', 'minute', 'day')),
    modified_zone_min   int,
    confidences         jsonb not null default '{}',
    asides              jsonb not null default '[]'
);
-- serves analyst.articles: the newest first
create index article_published_idx on article (published_at desc) where loaded_at is not null;
-- serves desk_overview.lags and desk_overview.topic_days, from the index alone, and analyst.articles: what was loaded since
create index article_lately_idx on article (loaded_at) include (first_seen_at, published_at, published_precision, topics) where loaded_at is not null;
-- serves stories.refresh: the members of a story
create index article_story_idx on article (story_id);
-- serves analyst.articles: articles on a topic
create index article_topics_idx on article using gin (topics) where loaded_at is not null;
-- serves questions by source
create index article_source_idx on article (source_id, published_at desc);
comment on table article is 'Title, text and metadata as extracted from a page. Analysts see it once loaded_at is set.';
comment on column article.article_id is 'Its id.';
comment on column article.entry_id is 'The entry that led to it.';
comment on column article.page_id is 'The page that it was read from.';
comment on column article.source_id is 'Its publisher.';
comment on column article.title is 'Its headline, without the site''s name.';
comment on column article.text_sha256 is 'Digest of the text.';
comment on column article.language_confidence is '0..1.';
comment on column article.authors is 'People, as the byline names them.';
comment on column article.site_name is 'What the page calls its site.';
comment on column article.generation_id is 'The extraction that made it.';
comment on column article.url is 'The address that the page itself gives (canonical), else where the fetch ended.';
comment on column article.url_key is '16 bytes of sha256 over the normalised URL: one article a page.';
comment on column article.text is 'Plain text, Unicode NFC, paragraphs separated by a blank line.';
comment on column article.language is 'ISO 639-1; null when it cannot be told.';
comment on column article.word_count is 'Words; characters for scripts without spaces.';
comment on column article.published_at is 'First publication as best known; null when nothing credible states it.';
comment on column article.published_precision is 'second, minute or day. A day is midnight UTC of that day.';
comment on column article.published_origin is 'Where it was read: json-ld, meta, time, text, htmldate, url or feed.';
comment on column article.published_zone_min is 'Minutes east of UTC that the page stated with it; null when it stated none.';
comment on column article.modified_at is 'Last change that the page states.';
comment on column article.claimed_at is 'Publication date that the feed claims.';
comment on column article.first_seen_at is 'When a feed first announced it to mediawatch.';
comment on column article.fetched_at is 'When the page was fetched.';
comment on column article.engine is 'What produced the text.';
comment on column article.origins is 'Where each field was read: {"title": "json-ld", …}; sources: json-ld, meta, microdata, link, h1, title, byline, time, text, url, page, feed.';
comment on column article.topics is 'Topics that it is on, the strongest first; what article_topic says, for one look.';
comment on column article.story_id is 'The story that it belongs to.';
comment on column article.loaded_at is 'When it became visible to analysts.';
comment on column article.kind is 'article, live_blog, gallery or video.';
comment on column article.script is 'ISO 15924 code of the script where the language has two: Hans or Hant for Chinese, Cyrl or Latn for Serbian; else null.';
comment on column article.section is 'The part of the paper that it is in, as the page names it.';
comment on column article.tags is 'Keywords that the page gives it.';
comment on column article.image_url is 'Its picture.';
comment on column article.free is 'Whether the page says that it can be read without paying; null when it says nothing.';
comment on column article.syndicated_from is 'The agency or site that the page credits.';
comment on column article.modified_precision is 'As published_precision.';
comment on column article.modified_zone_min is 'As published_zone_min.';
comment on column article.confidences is 'How far to trust each field, 0..1: {"title": 0.95, …}; "text" is the body.';
comment on column article.asides is 'Dates that were not believed: [{field, value, origin, reason}].';

alter table story add foreign key (canonical_article_id) references article;
alter table entry add foreign key (article_id) references article;

create table sketch (
    article_id    int primary key references article on delete cascade,
    generation_id int not null references generation,
    keys          int[] not null,
    shingles      bytea not null,
    positions     bytea not null,
    terms         bytea not null,
    words         int not null,
    exact         bytea not null,
    rank          int not null
);
-- serves stories.candidates: the article of a rank
create index sketch_rank_idx on sketch (rank);
comment on table sketch is 'What is kept of a text to verify copies.';
comment on column sketch.article_id is 'The article.';
comment on column sketch.generation_id is 'The sketching that made it.';
comment on column sketch.keys is 'Its candidate keys, as in story_key.';
comment on column sketch.shingles is 'Sorted sample of shingle hashes, little-endian uint32.';
comment on column sketch.positions is 'Word position of each sampled shingle, little-endian uint16.';
comment on column sketch.terms is 'Sorted hashes of the distinct long words, little-endian uint16.';
comment on column sketch.words is 'Words of the folded text.';
comment on column sketch.exact is 'Digest of the folded text.';
comment on column sketch.rank is '32 bits of the URL''s hash: an order of articles that does not hang on when they came. Seldom two share one.';

create table story_key (
    key  int not null,
    rank int not null,
    primary key (key, rank)
);
comment on table story_key is 'The candidate index, shared by all workers: articles by hash key. A worker inserts, commits, then asks.';
comment on column story_key.key is 'A 32-bit hash of a few words.';
comment on column story_key.rank is 'The rank of an article that has these words; no foreign key, since the index is written the most.';

create table story_link (
    article_a     int not null references article on delete cascade,
    article_b     int not null references article on delete cascade,
    generation_id int not null references generation,
    kind          text not null check (kind in ('exact', 'edited', 'cut', 'contains', 'shares_text')),
    score         real not null,
    shared        int not null,
    covered_a     real not null,
    covered_b     real not null,
    part          text not null,
    found_at      timestamptz not null default now(),
    primary key (article_a, article_b),
    check (article_a < article_b)
);
-- serves stories.component: links seen from their other end
create index story_link_b_idx on story_link (article_b);
comment on table story_link is 'Pairs of articles that share text, with what was measured: the evidence for stories.';
comment on column story_link.article_a is 'The article with the smaller id.';
comment on column story_link.article_b is 'The other.';
comment on column story_link.generation_id is 'The matching that measured it.';
comment on column story_link.found_at is 'When.';
comment on column story_link.kind is 'exact, edited, cut (one is a part of the other), contains (a round-up), shares_text (a quotation; never merges).';
comment on column story_link.score is '0..1; what the decision was made on.';
comment on column story_link.shared is 'Sampled shingles in common.';
comment on column story_link.covered_a is 'Share of a that is found in b.';
comment on column story_link.covered_b is 'Share of b that is found in a.';
comment on column story_link.part is 'Which part of the shorter text is shared.';

create table story_verdict (
    article_a  int not null references article on delete cascade,
    article_b  int not null references article on delete cascade,
    same       boolean not null,
    author     text not null,
    note       text not null default '',
    said_at    timestamptz not null default clock_timestamp(),
    primary key (article_a, article_b),
    check (article_a < article_b)
);
-- serves stories.component: verdicts seen from their other end
create index story_verdict_b_idx on story_verdict (article_b);
comment on table story_verdict is 'What people said of two articles: it outweighs every link, in every later run.';
comment on column story_verdict.article_a is 'The article with the smaller id.';
comment on column story_verdict.article_b is 'The other.';
comment on column story_verdict.same is 'True: also a copy. False: not a copy.';
comment on column story_verdict.author is 'Who said it.';
comment on column story_verdict.note is 'Why, in their words.';
comment on column story_verdict.said_at is 'When.';

create table syndication (
    article_id    int primary key references article on delete cascade,
    generation_id int not null references generation,
    agency        text,
    is_agency     boolean not null,
    evidence      jsonb not null default '[]'
);
comment on table syndication is 'Which news agency an article names as its origin, and where it says so.';
comment on column syndication.article_id is 'The article.';
comment on column syndication.generation_id is 'The reading that found it.';
comment on column syndication.agency is 'The agency, by the name in data/agencies.yaml; null when the article names none.';
comment on column syndication.is_agency is 'The agency itself published the article.';
comment on column syndication.evidence is '[{where: dateline, byline, credit, copyright, canonical, source or site, words}], the strongest first.';

create table furniture (
    source_id int not null references source on delete cascade,
    line      bigint not null,
    stories   int[] not null,
    seen_at   timestamptz not null,
    primary key (source_id, line)
);
-- serves maintenance.forget_furniture: lines that were not seen for long
create index furniture_seen_idx on furniture (seen_at);
comment on table furniture is 'Lines at the beginnings and ends of a source''s articles: one that three stories carry is furniture, left out of sketches.';
comment on column furniture.source_id is 'The source.';
comment on column furniture.line is 'A 64-bit hash of the folded line.';
comment on column furniture.stories is 'Up to three stories that carry it.';
comment on column furniture.seen_at is 'When an article last carried it.';

create table title_tail (
    source_id int not null references source on delete cascade,
    tail      text not null,
    titles    bytea[] not null,
    seen_at   timestamptz not null,
    known_at  timestamptz,
    primary key (source_id, tail)
);
-- serves maintenance.forget_tails: what few titles ended with, long ago
create index title_tail_seen_idx on title_tail (seen_at) where known_at is null;
comment on table title_tail is 'Words at the end of a source''s titles: what five titles share is the source''s, and is taken off titles that are first seen later.';
comment on column title_tail.source_id is 'The source.';
comment on column title_tail.tail is 'The words after the last separator, folded.';
comment on column title_tail.titles is 'Digests of up to five titles that ended with it.';
comment on column title_tail.seen_at is 'When a title last ended with it.';
comment on column title_tail.known_at is 'From when on it is the source''s; null as long as fewer titles share it.';

create table page_twin (
    entry_id     bigint primary key references entry on delete cascade,
    url          text not null,
    content_type text,
    fetched_at   timestamptz not null,
    size_bytes   int not null,
    sha256       bytea not null,
    warc_file    text not null,
    warc_offset  bigint not null,
    warc_length  bigint not null
);
-- serves maintenance.orphans: whether a twin points to an archive file
create index page_twin_file_idx on page_twin (warc_file);
comment on table page_twin is 'The AMP twins that were asked for, once each: those of pages whose own text was missing or a stub.';
comment on column page_twin.entry_id is 'The entry whose page names it.';
comment on column page_twin.url is 'Where the fetch ended.';
comment on column page_twin.content_type is 'What it was labelled as.';
comment on column page_twin.fetched_at is 'When.';
comment on column page_twin.size_bytes is 'Bytes of its body.';
comment on column page_twin.sha256 is 'Digest of its body.';
comment on column page_twin.warc_file is 'Its record''s file, relative to the archive''s root.';
comment on column page_twin.warc_offset is 'Where the record begins.';
comment on column page_twin.warc_length is 'Its packed size.';

create table story_terms (
    story_id   int primary key references story on delete cascade,
    article_id int not null references article on delete cascade,
    generation_id int not null references generation,
    terms      bytea not null,
    weights    bytea not null,
    days       smallint not null,
    language   text,
    at         timestamptz not null,
    stale      boolean not null default false
);
-- serves the deletion of an article
create index story_terms_article_idx on story_terms (article_id);
comment on table story_terms is 'What a story is about, for grouping into events.';
comment on column story_terms.story_id is 'The story.';
comment on column story_terms.article_id is 'The article that was read: its longest.';
comment on column story_terms.generation_id is 'The reading that made it.';
comment on column story_terms.terms is 'Sorted hashes of its words, little-endian uint32.';
comment on column story_terms.weights is 'How much each is used: 24 × (1 + ln count), names half as much again; a byte each.';
comment on column story_terms.days is 'Days of the week that its beginning names; Monday is 1, Tuesday 2, Wednesday 4, …';
comment on column story_terms.stale is 'The article has another text since: to be read again.';
comment on column story_terms.language is 'Its language: only stories of one language are compared.';
comment on column story_terms.at is 'First publication as best known, else when it was first seen.';

create table story_term (
    term     int not null,
    story_id int not null,
    primary key (term, story_id)
);
comment on table story_term is 'The index of events: stories by the terms that say most of them, within two weeks.';
comment on column story_term.term is 'A hash of a term and the fortnight of the story.';
comment on column story_term.story_id is 'The story; no foreign key, since the index is written much.';

create table term_count (
    language text primary key,
    stories  int not null,
    counts   bytea not null
);
comment on table term_count is 'How many stories of a language hold a term; halved from time to time, so that it tells of the recent past.';
comment on column term_count.language is 'ISO 639-1; empty for stories whose language cannot be told.';
comment on column term_count.stories is 'Stories counted.';
comment on column term_count.counts is 'Counts by the lowest 17 bits of a term''s hash, little-endian uint32, packed by zlib.';

create table topic (
    topic_id     text primary key,
    title        text not null,
    definition   text not null,
    live_version int not null,
    created_at   timestamptz not null default now()
);
comment on table topic is 'Named, versioned queries that analysts maintain.';
comment on column topic.title is 'What people call it.';
comment on column topic.created_at is 'When it was first defined.';
comment on column topic.topic_id is 'Short name, e.g. fentanyl.';
comment on column topic.definition is 'What belongs and what does not, in words.';
comment on column topic.live_version is 'The version that tags now.';

create table topic_version (
    topic_id        text not null references topic,
    version         int not null,
    body            text not null,
    definition_hash bytea not null,
    author          text not null,
    created_at      timestamptz not null default now(),
    note            text not null default '',
    primary key (topic_id, version)
);
comment on table topic_version is 'Every version of a topic, whole.';
comment on column topic_version.topic_id is 'The topic.';
comment on column topic_version.version is 'Its number, from 1.';
comment on column topic_version.created_at is 'When it was written.';
comment on column topic_version.body is 'The topic file (YAML).';
comment on column topic_version.definition_hash is 'sha256 of its canonical form.';
comment on column topic_version.note is 'Why it was written, in its author''s words.';
comment on column topic_version.author is 'package for the versions that ship, else who wrote it.';

create table topic_retag (
    retag_id        int generated always as identity primary key,
    requested_by    text not null,
    requested_at    timestamptz not null default now(),
    upto_article_id int not null,
    state           text not null check (state in ('building', 'live', 'abandoned')),
    ended_at        timestamptz
);
-- serves retag.open: what is left to do
create index topic_retag_building_idx on topic_retag (retag_id) where state = 'building';
comment on table topic_retag is 'Runs over the stored articles that give changed topics their tags, beside the live ones, and then switch.';
comment on column topic_retag.retag_id is 'Its id.';
comment on column topic_retag.requested_by is 'Who activated the topics.';
comment on column topic_retag.requested_at is 'When.';
comment on column topic_retag.upto_article_id is 'The newest article that it has to read; later ones get their tags when they come in.';
comment on column topic_retag.state is 'building, live (it switched), or abandoned (a newer one took its place).';
comment on column topic_retag.ended_at is 'When it switched or was abandoned.';

create table topic_retag_batch (
    retag_id        int not null references topic_retag on delete cascade,
    batch           int not null,
    next_article_id int not null,
    last_article_id int not null,
    articles        int not null default 0,
    tags            int not null default 0,
    finished_at     timestamptz,
    primary key (retag_id, batch)
);
comment on table topic_retag_batch is 'Ranges of articles that a run over the stored articles is divided into, and how far each has come.';
comment on column topic_retag_batch.retag_id is 'The run.';
comment on column topic_retag_batch.batch is 'Its number, from 0.';
comment on column topic_retag_batch.next_article_id is 'Where it goes on.';
comment on column topic_retag_batch.last_article_id is 'Where it ends.';
comment on column topic_retag_batch.articles is 'Articles read so far.';
comment on column topic_retag_batch.tags is 'Tags given so far.';
comment on column topic_retag_batch.finished_at is 'When its end was reached.';

create table topic_tagging (
    tagging_id int generated always as identity primary key,
    retag_id   int references topic_retag,
    topic_id   text not null,
    version    int not null,
    engine     text not null,
    state      text not null check (state in ('building', 'live', 'retired', 'abandoned')),
    created_at timestamptz not null default now(),
    live_at    timestamptz,
    retired_at timestamptz,
    foreign key (topic_id, version) references topic_version,
    check ((state in ('live', 'retired')) = (live_at is not null)),
    check ((state = 'retired') = (retired_at is not null))
);
-- serves topics.taggings: one tagging of a topic is live
create unique index topic_tagging_live_idx on topic_tagging (topic_id) where state = 'live';
-- serves topics.taggings: one is being built
create unique index topic_tagging_building_idx on topic_tagging (topic_id) where state = 'building';
comment on table topic_tagging is 'All tags that one version of a topic gave under one engine; analysts see those of the live one.';
comment on column topic_tagging.tagging_id is 'Its id.';
comment on column topic_tagging.retag_id is 'The run over the stored articles that made it; null where there was nothing to run over.';
comment on column topic_tagging.topic_id is 'The topic.';
comment on column topic_tagging.version is 'The version of the topic.';
comment on column topic_tagging.engine is 'Version of the matcher that read the stored articles.';
comment on column topic_tagging.state is 'building beside the live one, live, retired, or abandoned before it was live.';
comment on column topic_tagging.created_at is 'When it was begun.';
comment on column topic_tagging.live_at is 'Since when analysts see it.';
comment on column topic_tagging.retired_at is 'Until when they saw it.';

create table article_topic (
    tag_id        bigint generated always as identity primary key,
    tagging_id    int not null references topic_tagging,
    article_id    int not null references article on delete cascade,
    topic_id      text not null,
    version       int not null,
    generation_id int not null references generation,
    level         text not null check (level in ('primary', 'secondary')),
    score         real not null,
    text_sha256   bytea not null,
    tagged_at     timestamptz not null,
    valid_to      timestamptz,
    foreign key (topic_id, version) references topic_version
);
-- serves analyst.article_topics: articles on a topic
create index article_topic_topic_idx on article_topic (topic_id, article_id);
-- serves topics.forget_tags and retag.switch: an article has one tag of a tagging at a time
create unique index article_topic_tagging_idx on article_topic (tagging_id, article_id) where valid_to is null;
-- serves explain.topics, and the history of an article
create index article_topic_article_idx on article_topic (article_id);
comment on table article_topic is 'Which topics an article is on, under which version of each, now and before.';
comment on column article_topic.tag_id is 'Its id.';
comment on column article_topic.tagging_id is 'The tagging that it belongs to.';
comment on column article_topic.article_id is 'The article.';
comment on column article_topic.topic_id is 'The topic.';
comment on column article_topic.version is 'The version of the topic that decided.';
comment on column article_topic.generation_id is 'The matcher that decided.';
comment on column article_topic.level is 'primary: its main subject; secondary: material but not main.';
comment on column article_topic.score is 'Sum of the capped weights of its evidence.';
comment on column article_topic.text_sha256 is 'The text that was read, so that offsets can be trusted.';
comment on column article_topic.tagged_at is 'When; with valid_to, how long it was so within its tagging.';
comment on column article_topic.valid_to is 'When the article was read anew and this tag gave way; null for the one that counts.';

create table topic_evidence (
    tag_id         bigint not null references article_topic on delete cascade,
    position       int not null,
    signal         text not null,
    term           text not null,
    matched        text not null,
    zone           text not null check (zone in ('title', 'lead', 'body')),
    start_at       int not null,
    end_at         int not null,
    sentence_start int not null,
    sentence_end   int not null,
    weight         real not null,
    primary key (tag_id, position)
);
comment on table topic_evidence is 'The words that caused a tag.';
comment on column topic_evidence.tag_id is 'The tag.';
comment on column topic_evidence.position is 'Order in the article, from 0.';
comment on column topic_evidence.signal is 'The signal of the topic file that they fulfil.';
comment on column topic_evidence.term is 'The term as the topic file writes it.';
comment on column topic_evidence.matched is 'The words as the article writes them.';
comment on column topic_evidence.zone is 'title, lead or body.';
comment on column topic_evidence.start_at is 'Offset of the first character in the title (zone title) or the text.';
comment on column topic_evidence.end_at is 'Offset behind the last character.';
comment on column topic_evidence.sentence_start is 'Offset of the first character of the sentence that they stand in.';
comment on column topic_evidence.sentence_end is 'Offset behind its last character.';
comment on column topic_evidence.weight is 'What they added to the score.';

create table topic_label (
    label_id    bigint generated always as identity primary key,
    topic_id    text not null references topic,
    article_id  int not null references article on delete cascade,
    level       text not null check (level in ('primary', 'secondary', 'none', 'unsure')),
    labelled_by text not null,
    labelled_at timestamptz not null default now(),
    note        text not null default '',
    text_sha256 bytea not null
);
-- serves analyst.topic_labels: the newest label of an article
create index topic_label_article_idx on topic_label (topic_id, article_id, labelled_at desc);
comment on table topic_label is 'What analysts say that articles are on; the newest label of an article counts.';
comment on column topic_label.label_id is 'Its id.';
comment on column topic_label.topic_id is 'The topic.';
comment on column topic_label.article_id is 'The article.';
comment on column topic_label.level is 'primary: its main subject; secondary: material but not main; none; unsure: left out of the figures.';
comment on column topic_label.labelled_by is 'Who says so.';
comment on column topic_label.labelled_at is 'When.';
comment on column topic_label.note is 'Why.';
comment on column topic_label.text_sha256 is 'The text that was read.';

create table backfill (
    file        text primary key,
    size_bytes  bigint not null,
    read_bytes  bigint not null default 0,
    counts      jsonb not null default '{}',
    begun_at    timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    finished_at timestamptz,
    waits       boolean not null default false
);
comment on table backfill is 'WARC files that were read into entries and pages, and how far each was.';
comment on column backfill.file is 'Absolute path or URI.';
comment on column backfill.size_bytes is 'Its size when the reading began; a file of another size is read anew.';
comment on column backfill.read_bytes is 'Offset of the first record that is not stored yet.';
comment on column backfill.counts is 'Records so far by what became of them: pages, known, and the reasons of the others.';
comment on column backfill.begun_at is 'When it was first read.';
comment on column backfill.updated_at is 'When it was last read on.';
comment on column backfill.finished_at is 'When its end was reached.';
comment on column backfill.waits is 'Whether reading stopped because too many entries were in open batches; backfill_archive goes on with it.';

create function mediawatch.search_config(language text) returns regconfig language sql immutable parallel safe as $$
    select case language
        when 'ar' then 'arabic' when 'da' then 'danish' when 'de' then 'german' when 'el' then 'greek' when 'en' then 'english'
        when 'es' then 'spanish' when 'fi' then 'finnish' when 'fr' then 'french' when 'hi' then 'hindi' when 'hu' then 'hungarian'
        when 'id' then 'indonesian' when 'it' then 'italian' when 'lt' then 'lithuanian' when 'nl' then 'dutch' when 'no' then 'norwegian'
        when 'pt' then 'portuguese' when 'ro' then 'romanian' when 'ru' then 'russian' when 'sr' then 'serbian' when 'sv' then 'swedish'
        when 'tr' then 'turkish' else 'simple' end::regconfig
$$;
comment on function mediawatch.search_config is 'The text search configuration for a language (ISO 639-1); words as they are where there is none.';

create function mediawatch.search_pairs(run text) returns text language sql immutable parallel safe as $$
    select string_agg(one || coalesce(next, ''), ' ' order by at)
    from (select one, lead(one) over (order by at) as next, at from regexp_split_to_table(run, '') with ordinality c (one, at)) pairs
    where next is not null or at = 1
$$;
comment on function mediawatch.search_pairs is 'A run of characters as overlapping pairs: 中美关系 → 中美 美关 关系.';

create function mediawatch.search_words(body text, quote text default '') returns text language sql immutable parallel safe as $$
    select case when body ~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002ffff]' then (
        select string_agg(case when part[1] is null then part[2] else ' ' || quote || mediawatch.search_pairs(part[1]) || quote || ' ' end, '' order by at)
        from regexp_matches(body,
            '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002ffff]+)|([^\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002ffff]+)',
            'g') with ordinality m (part, at))
    else body end
$$;
comment on function mediawatch.search_words is 'A text whose scripts without spaces (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) are cut into pairs.';

create function mediawatch.search_vector(language text, title text, body text) returns tsvector language sql immutable parallel safe as $$
    select setweight(to_tsvector(mediawatch.search_config(language), mediawatch.search_words(left(title, 10000))), 'A')
        || to_tsvector(mediawatch.search_config(language), mediawatch.search_words(left(body, 200000)))
$$;
comment on function mediawatch.search_vector is 'What search knows of an article: its title, which weighs more, and the first 200,000 characters of its text.';

create function mediawatch.search_mark(language text) returns int language sql immutable parallel safe as $$
    select 30000000 + coalesce(ascii(language) * 256 + ascii(substr(language, 2)), 0)
$$;
comment on function mediawatch.search_mark(text) is 'A language among the marks of article_search.';

create function mediawatch.search_mark(day date, span int) returns int language sql immutable parallel safe as $$
    select case span when 1 then 0 else 10000000 end + floor((day - date '2000-01-01') / span::numeric)::int
$$;
comment on function mediawatch.search_mark(date, int) is 'A day (span 1) or the eight days that it is in (span 8) among the marks of article_search.';

create function mediawatch.search_marks(config regconfig, published_at timestamptz, language text, source_id int) returns int[] language sql immutable parallel safe as $$
    select array_remove(array[mediawatch.search_mark((published_at at time zone 'UTC')::date, 1), mediawatch.search_mark((published_at at time zone 'UTC')::date, 8),
                              20000000 + config::oid::int, mediawatch.search_mark(language), 40000000 + source_id], null)
$$;
comment on function mediawatch.search_marks is 'What an article is found by beside its words: day, eight days, configuration, language, source.';

create table article_search (
    article_id   int primary key references article on delete cascade,
    config       regconfig not null,
    published_at timestamptz,
    words        tsvector not null,
    marks        int[] not null
);
-- serves analyst.search
create index article_search_words_idx on article_search using gin (words, marks);
comment on table article_search is 'Loaded articles as analyst.search finds them.';
comment on column article_search.article_id is 'The article.';
comment on column article_search.config is 'Text search configuration that its words were made with.';
comment on column article_search.published_at is 'As in the article, for the newest first.';
comment on column article_search.words is 'Its words; those of the title have weight A.';
comment on column article_search.marks is 'As search_marks has it.';

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
-- serves refetches.claim_due
create index refetch_due_idx on refetch (due_at);
-- serves refetches.of_owner
create index refetch_owner_idx on refetch (lease_owner) where lease_owner is not null;
-- serves refetches.claim_due: hosts that a worker is at
create index refetch_host_idx on refetch (host) where lease_owner is not null;
-- serves refetches.adoptable: how far articles are known
create index refetch_loaded_idx on refetch (loaded_at);
-- serves analyst.article_life: what was removed
create index refetch_removed_idx on refetch (removed_at) where removed_at is not null;
-- serves analyst.article_life: what was corrected
create index refetch_corrected_idx on refetch (corrected_at) where corrected_at is not null;
-- serves analyst.article_life: what was retracted
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
-- serves maintenance.orphans: whether a fetch points to an archive file
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
-- serves analyst.revisions: what changed when
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
-- serves analyst.article_changes: what happened when
create index article_change_at_idx on article_change (at);
-- serves analyst.article_changes: removals, retractions, …
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
-- serves replays.waiting
create index replay_article_part_idx on replay_article (replay_id, part, entry_id) where outcome is null;
-- serves the deletion of an article
create index replay_article_article_idx on replay_article (article_id);
-- serves the deletion of an entry
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

create table alert_rule (
    rule       text primary key check (rule ~ '^[a-z][a-z0-9-]{0,62}$'),
    kind       text not null check (kind in ('topic_volume', 'new_event', 'feed_silent', 'coverage_below', 'failure_share_above', 'run_late')),
    threshold  real check (threshold > 0),
    least      int not null default 1 check (least >= 0),
    window_h   int not null default 24 check (window_h between 1 and 720),
    topic_id   text references topic,
    source_id  int references source,
    channels   text[] not null default '{}',
    quiet_from time,
    quiet_to   time,
    zone       text not null default 'UTC',
    enabled    boolean not null default true,
    note       text not null default '',
    author     text not null,
    created_at timestamptz not null default now(),
    check ((quiet_from is null) = (quiet_to is null)),
    check (kind not in ('coverage_below', 'failure_share_above') or threshold <= 1),
    check ((threshold is null) = (kind in ('feed_silent', 'run_late'))),
    check (topic_id is null or kind in ('topic_volume', 'new_event')),
    check (source_id is null or kind in ('feed_silent', 'coverage_below', 'failure_share_above'))
);
comment on table alert_rule is 'When somebody is to be told, and where. Rules are paused, not deleted: their alerts stay explained.';
comment on column alert_rule.rule is 'Its name: lower-case words with hyphens.';
comment on column alert_rule.kind is 'What is watched: topic_volume, new_event, feed_silent, coverage_below, failure_share_above, run_late.';
comment on column alert_rule.threshold is 'topic_volume: width of the band, in spreads; new_event: publishers; coverage_below, failure_share_above: share, 0..1; the others have none.';
comment on column alert_rule.least is 'Below so many it stays silent: articles of the day (topic_volume), settled entries (failure_share_above).';
comment on column alert_rule.window_h is 'Hours: the age of an event at most (new_event), the silence at least (feed_silent), the time that is looked at (the shares), how long it is shown (run_late).';
comment on column alert_rule.topic_id is 'Only this topic.';
comment on column alert_rule.source_id is 'Only this publisher.';
comment on column alert_rule.channels is 'Names of the secrets that hold the addresses; empty: those of the setting alert_channels.';
comment on column alert_rule.quiet_from is 'From this time of day nothing is sent; what fires is sent afterwards.';
comment on column alert_rule.quiet_to is 'Until this time of day, on the next day when it is earlier than quiet_from.';
comment on column alert_rule.zone is 'Time zone of the quiet hours, and of the day that topic_volume counts.';
comment on column alert_rule.enabled is 'False: paused.';
comment on column alert_rule.note is 'What to do when it fires.';
comment on column alert_rule.author is 'Who wrote it; package for one that ships.';
comment on column alert_rule.created_at is 'When.';

create table alert (
    alert_id    bigint generated always as identity primary key,
    rule        text not null references alert_rule,
    key         text not null,
    state       text not null default 'firing' check (state in ('firing', 'resolved')),
    title       text not null,
    why         text not null,
    path        text not null default '',
    facts       jsonb not null default '{}',
    first_at    timestamptz not null,
    last_at     timestamptz not null,
    resolved_at timestamptz,
    acked_at    timestamptz,
    acked_by    text,
    unique (rule, key)
);
-- serves alerts.list: the newest first
create index alert_first_idx on alert (first_at);
-- serves alerts.firing, alerts.resolve
create index alert_firing_idx on alert (rule) where state = 'firing';
comment on table alert is 'What rules found, once for each thing that they found it of.';
comment on column alert.alert_id is 'Its id.';
comment on column alert.rule is 'The rule.';
comment on column alert.key is 'What it is of, e.g. a topic and a day, an event, a feed and its last news: the same again is the same alert.';
comment on column alert.state is 'firing: it holds; resolved: it held.';
comment on column alert.title is 'What happened, in one line.';
comment on column alert.why is 'The numbers behind it, in words.';
comment on column alert.path is 'The desk''s page on it, behind the desk''s address.';
comment on column alert.facts is 'The numbers behind it.';
comment on column alert.first_at is 'When it was first found.';
comment on column alert.last_at is 'When it was last found.';
comment on column alert.resolved_at is 'When it was no longer found; null while it fires.';
comment on column alert.acked_at is 'When a person said that it is known: what was not sent yet is not sent any more.';
comment on column alert.acked_by is 'Who said so.';

create table alert_delivery (
    alert_id   bigint not null references alert on delete cascade,
    channel    text not null,
    state      text not null default 'waiting' check (state in ('waiting', 'sent', 'dropped')),
    attempts   int not null default 0,
    next_at    timestamptz not null,
    held       boolean not null default false,
    sent_at    timestamptz,
    last_error text not null default '',
    primary key (alert_id, channel)
);
-- serves alerts.claim: what is to be sent
create index alert_delivery_waiting_idx on alert_delivery (next_at) where state = 'waiting';
comment on table alert_delivery is 'Which alert goes where, and whether it has arrived.';
comment on column alert_delivery.alert_id is 'The alert.';
comment on column alert_delivery.channel is 'Name of the secret that holds the address; the address itself is never stored.';
comment on column alert_delivery.state is 'waiting; sent; dropped: the alert was acknowledged first.';
comment on column alert_delivery.attempts is 'How often it was tried.';
comment on column alert_delivery.next_at is 'Not before: now, after a failure later, in quiet hours their end; while it is being sent the time after which another may send it.';
comment on column alert_delivery.held is 'Quiet hours have held it back.';
comment on column alert_delivery.sent_at is 'When it was sent.';
comment on column alert_delivery.last_error is 'Why the last attempt failed, without the address.';

create table alert_attempt (
    attempt_id bigint generated always as identity primary key,
    channel    text not null,
    at         timestamptz not null default clock_timestamp(),
    ok         boolean not null,
    what       text not null default 'alerts',
    alerts     bigint[] not null default '{}',
    detail     text not null default ''
);
-- serves maintenance.prune_attempts
create index alert_attempt_at_idx on alert_attempt (at);
comment on table alert_attempt is 'Every message that was handed to a channel: one holds all alerts that were due, or a digest.';
comment on column alert_attempt.attempt_id is 'Its id.';
comment on column alert_attempt.channel is 'The channel.';
comment on column alert_attempt.at is 'When it ended.';
comment on column alert_attempt.ok is 'Whether the channel took it.';
comment on column alert_attempt.what is 'alerts, or digest and its day.';
comment on column alert_attempt.alerts is 'The alerts in it.';
comment on column alert_attempt.detail is 'What the channel said.';

-- Counts that are kept beside what they count: analysts, pages and alerts need not count a million articles each time.
create function mediawatch.article_day(published_at timestamptz, zone_min int) returns date language sql immutable parallel safe as $$
    select (published_at at time zone 'UTC' + make_interval(mins => coalesce(zone_min, 0)))::date
$$;
comment on function mediawatch.article_day is 'The day of publication, in the time zone that the page states, else UTC.';

create function mediawatch.utc_hour(moment timestamptz) returns timestamptz language sql immutable parallel safe as $$
    select date_trunc('hour', moment at time zone 'UTC') at time zone 'UTC'
$$;
comment on function mediawatch.utc_hour is 'The hour that a moment is in.';

-- serves analyst.articles by published_on, and volume_now by source and day
create index article_day_idx on article (mediawatch.article_day(published_at, published_zone_min), source_id) where loaded_at is not null;
-- serves analyst.lags
create index article_hour_idx on article (mediawatch.utc_hour(loaded_at)) where loaded_at is not null;

create table volume (
    day       date,
    topic_id  text,
    source_id int not null,
    language  text,
    articles  int not null,
    main      int not null,
    stories   int not null,
    unique nulls not distinct (source_id, day, topic_id, language)
);
-- serves analyst.volume and analyst.topic_volume: the days of a topic
create index volume_topic_idx on volume (topic_id, day);
comment on table volume is 'Loaded articles counted by day, topic, source and language; triggers keep it equal to volume_now.';
comment on column volume.day is 'As article_day has it; null when the publication is not known.';
comment on column volume.topic_id is 'A topic, as it tags now; null: all articles, on a topic or on none.';
comment on column volume.source_id is 'The source.';
comment on column volume.language is 'The language; null when it cannot be told.';
comment on column volume.articles is 'Loaded articles.';
comment on column volume.main is 'Of these, those whose main subject the topic is; 0 where topic_id is null.';
comment on column volume.stories is 'Of these, those that stand for their story.';

create table volume_due (
    source_id int,
    day       date,
    topic_id  text
);
comment on table volume_due is 'What a transaction has to count anew when it commits; empty for everybody else.';
comment on column volume_due.source_id is 'A source whose articles of the day have changed; null: a whole topic has.';
comment on column volume_due.day is 'The day; null: those without one.';
comment on column volume_due.topic_id is 'The topic whose live tagging is another one.';

create view volume_now as
select mediawatch.article_day(a.published_at, a.published_zone_min) as day, null::text as topic_id, a.source_id, a.language,
       count(*)::int as articles, 0 as main, count(*) filter (where a.article_id = s.canonical_article_id)::int as stories
from article a left join story s using (story_id)
where a.loaded_at is not null
group by mediawatch.article_day(a.published_at, a.published_zone_min), a.source_id, a.language
union all
select mediawatch.article_day(a.published_at, a.published_zone_min), t.topic_id, a.source_id, a.language,
       count(*)::int, count(*) filter (where t.level = 'primary')::int, count(*) filter (where a.article_id = s.canonical_article_id)::int
from article a
join article_topic t on t.article_id = a.article_id and t.valid_to is null
join topic_tagging g on g.tagging_id = t.tagging_id and g.state = 'live'
left join story s using (story_id)
where a.loaded_at is not null
group by mediawatch.article_day(a.published_at, a.published_zone_min), t.topic_id, a.source_id, a.language;
comment on view volume_now is 'What the table volume has to hold, counted from the articles.';

create function mediawatch.note_article() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    if tg_op = 'INSERT' then
        insert into volume_due (source_id, day)
        select distinct source_id, article_day(published_at, published_zone_min) from articles_new where loaded_at is not null;
    elsif tg_op = 'DELETE' then
        insert into volume_due (source_id, day)
        select distinct source_id, article_day(published_at, published_zone_min) from articles_old where loaded_at is not null;
    else
        insert into volume_due (source_id, day)
        select distinct source_id, article_day(published_at, published_zone_min) from (
            select article_id, loaded_at is not null as loaded, source_id, published_at, published_zone_min, language, story_id
            from (select * from articles_old union all select * from articles_new) a
            group by 1, 2, 3, 4, 5, 6, 7 having count(*) = 1) changed
        where loaded;
    end if;
    return null;
end $$;
comment on function mediawatch.note_article is 'Loaded articles have come, gone, or are counted elsewhere.';

create function mediawatch.note_story() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog
    set enable_seqscan = off as $$
begin
    insert into volume_due (source_id, day)
    select distinct a.source_id, article_day(a.published_at, a.published_zone_min)
    from (select canonical_article_id from (select * from stories_old union all select * from stories_new) s
          group by story_id, canonical_article_id having count(*) = 1) c
    cross join lateral (select * from article where article_id = c.canonical_article_id offset 0) a
    where a.loaded_at is not null;
    return null;
end $$;
comment on function mediawatch.note_story is 'Other articles stand for stories.';

create function mediawatch.note_tag() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog
    set enable_seqscan = off as $$
begin
    if tg_op = 'DELETE' then
        insert into volume_due (source_id, day)
        select distinct a.source_id, article_day(a.published_at, a.published_zone_min)
        from tags_old t join topic_tagging g using (tagging_id) cross join lateral (select * from article where article_id = t.article_id offset 0) a
        where g.state = 'live' and a.loaded_at is not null;
    else
        insert into volume_due (source_id, day)
        select distinct a.source_id, article_day(a.published_at, a.published_zone_min)
        from tags_new t join topic_tagging g using (tagging_id) cross join lateral (select * from article where article_id = t.article_id offset 0) a
        where g.state = 'live' and a.loaded_at is not null;
    end if;
    return null;
end $$;
comment on function mediawatch.note_tag is 'Loaded articles have tags more or less, or some of another level.';

create function mediawatch.note_tagging() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    insert into volume_due (topic_id) values (new.topic_id);
    return null;
end $$;
comment on function mediawatch.note_tagging is 'Another tagging of a topic is the live one.';

create function mediawatch.refresh_volume() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog
    set enable_seqscan = off as $$
begin
    if not exists (select from volume_due) then  -- the first row of a transaction has seen to all of them
        return null;
    end if;
    perform pg_advisory_xact_lock(28013);  -- whoever comes after counts what this transaction has committed
    delete from volume v using (select distinct topic_id from volume_due) c where v.topic_id = c.topic_id;
    insert into volume
    select v.* from (select distinct topic_id from volume_due where topic_id is not null) c
    cross join lateral (select * from volume_now n where n.topic_id = c.topic_id offset 0) v;
    delete from volume v using volume_due c where v.source_id = c.source_id and v.day = c.day;
    delete from volume v using volume_due c where v.source_id = c.source_id and v.day is null and c.day is null;
    with member as materialized (
        select a.*, s.canonical_article_id is not distinct from a.article_id as stands
        from (select distinct source_id, day from volume_due where source_id is not null) c
        cross join lateral (
            select c.day, source_id, language, article_id, story_id from article
            where article_day(published_at, published_zone_min) = c.day and source_id = c.source_id and loaded_at is not null
            union all
            select c.day, source_id, language, article_id, story_id from article
            where c.day is null and article_day(published_at, published_zone_min) is null and source_id = c.source_id and loaded_at is not null) a
        left join lateral (select canonical_article_id from story where story_id = a.story_id offset 0) s on true)
    insert into volume (day, topic_id, source_id, language, articles, main, stories)
    select day, null, source_id, language, count(*), 0, count(*) filter (where stands) from member group by day, source_id, language
    union all
    select m.day, t.topic_id, m.source_id, m.language, count(*), count(*) filter (where t.level = 'primary'), count(*) filter (where stands)
    from member m cross join lateral (
        select t.topic_id, t.level from article_topic t join topic_tagging g using (tagging_id)
        where t.article_id = m.article_id and t.valid_to is null and g.state = 'live' offset 0) t
    group by m.day, t.topic_id, m.source_id, m.language;
    delete from volume_due;
    return null;
end $$;
comment on function mediawatch.refresh_volume is 'Counts anew, at the end of a transaction, what it has changed.';

create function mediawatch.rebuild_volume() returns bigint language plpgsql as $$
declare
    counted bigint;
begin
    perform pg_advisory_xact_lock(28013);
    delete from mediawatch.volume;
    insert into mediawatch.volume select * from mediawatch.volume_now;
    get diagnostics counted = row_count;
    return counted;
end $$;
comment on function mediawatch.rebuild_volume is 'Counts everything anew, after articles were put in with triggers off.';

create trigger article_comes after insert on article referencing new table as articles_new
    for each statement execute function mediawatch.note_article();
create trigger article_goes after delete on article referencing old table as articles_old
    for each statement execute function mediawatch.note_article();
create trigger article_changes after update on article referencing old table as articles_old new table as articles_new
    for each statement execute function mediawatch.note_article();
create trigger story_changes after update on story referencing old table as stories_old new table as stories_new
    for each statement execute function mediawatch.note_story();
create trigger tag_comes after insert on article_topic referencing new table as tags_new
    for each statement execute function mediawatch.note_tag();
create trigger tag_comes_or_goes after delete on article_topic referencing old table as tags_old
    for each statement execute function mediawatch.note_tag();
create trigger tag_changes after update on article_topic referencing new table as tags_new
    for each statement execute function mediawatch.note_tag();
create trigger tagging_comes after insert on topic_tagging for each row when (new.state = 'live') execute function mediawatch.note_tagging();
create trigger tagging_changes after update on topic_tagging for each row
    when ((old.state = 'live') <> (new.state = 'live')) execute function mediawatch.note_tagging();
create constraint trigger volume_at_commit after insert on volume_due deferrable initially deferred for each row execute function mediawatch.refresh_volume();

create table arrival (
    hour    timestamptz not null,
    status  text not null,
    reason  text,
    entries int not null
);
-- serves analyst.arrivals
create index arrival_hour_idx on arrival (hour);
comment on table arrival is 'Entries counted by the hour in which they were first seen and by what they came to; several rows of a kind add up.';
comment on column arrival.hour is 'Its beginning.';
comment on column arrival.status is 'As in entry.';
comment on column arrival.reason is 'As in entry.';
comment on column arrival.entries is 'How many more, or fewer; writers only add rows, so none waits for another.';

create function mediawatch.count_arrivals() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    if tg_op = 'INSERT' then
        insert into arrival select utc_hour(first_seen_at), status, reason, count(*) from entries_new group by 1, 2, 3;
    elsif tg_op = 'DELETE' then
        insert into arrival select utc_hour(first_seen_at), status, reason, -count(*) from entries_old group by 1, 2, 3;
    else
        insert into arrival
        select hour, status, reason, sum(n) from (
            select utc_hour(first_seen_at) as hour, status, reason, 1 as n from entries_new
            union all select utc_hour(first_seen_at), status, reason, -1 from entries_old) c
        group by 1, 2, 3 having sum(n) <> 0;
    end if;
    return null;
end $$;
comment on function mediawatch.count_arrivals is 'Entries have come, gone, or come to something.';
create trigger entries_come after insert on entry referencing new table as entries_new for each statement execute function mediawatch.count_arrivals();
create trigger entries_go after delete on entry referencing old table as entries_old for each statement execute function mediawatch.count_arrivals();
create trigger entries_change after update on entry referencing old table as entries_old new table as entries_new
    for each statement execute function mediawatch.count_arrivals();

create function mediawatch.count_sent_back() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    update batch b set sent_back = sent_back + n.entries
    from (select was_in, count(*) as entries from (
              select max(was_in) as was_in, max(is_in) as is_in, bool_or(waits) as waits
              from (select entry_id, batch_id as was_in, null::bigint as is_in, false as waits from entries_old
                    union all select entry_id, null, batch_id, status = 'pending' from entries_new) e
              group by entry_id) e
          where waits and was_in is distinct from is_in group by 1) n
    where b.batch_id = n.was_in;
    return null;
end $$;
comment on function mediawatch.count_sent_back is 'Entries that wait again have left their batches.';
create trigger entries_leave after update on entry referencing old table as entries_old new table as entries_new
    for each statement execute function mediawatch.count_sent_back();

create table feed_day (
    feed_id     int not null references feed on delete cascade,
    day         date not null,
    polls       int not null default 0,
    ok_polls    int not null default 0,
    entries     int not null default 0,
    last_ok_at  timestamptz,
    last_new_at timestamptz,
    longest_gap interval,
    primary key (feed_id, day)
);
-- serves analyst.feed_coverage: all feeds of a day
create index feed_day_day_idx on feed_day (day);
comment on table feed_day is 'Polls and announcements of each feed added up by day (UTC); it outlives the log of polls.';
comment on column feed_day.feed_id is 'The feed.';
comment on column feed_day.day is 'The day.';
comment on column feed_day.polls is 'Polls.';
comment on column feed_day.ok_polls is 'Of these, those that were answered with a feed.';
comment on column feed_day.entries is 'Entries that it announced for the first time.';
comment on column feed_day.last_ok_at is 'The last of ok_polls.';
comment on column feed_day.last_new_at is 'The last announcement.';
comment on column feed_day.longest_gap is 'Longest time without an answer that ended on that day.';

create function mediawatch.count_polls() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    insert into feed_day as d (feed_id, day, polls, ok_polls, last_ok_at, longest_gap)
    select feed_id, (polled_at at time zone 'UTC')::date, count(*), count(*) filter (where ok), max(polled_at) filter (where ok), max(polled_at - before) filter (where ok)
    from (select n.feed_id, n.polled_at, n.result in ('new', 'nothing_new', 'same_body', 'not_modified') as ok,
                 (select p.polled_at from feed_poll p where p.feed_id = n.feed_id and p.polled_at < n.polled_at
                  and p.result in ('new', 'nothing_new', 'same_body', 'not_modified') order by p.polled_at desc limit 1) as before
          from polls_new n) p
    group by 1, 2 order by 1, 2
    on conflict (feed_id, day) do update set polls = d.polls + excluded.polls, ok_polls = d.ok_polls + excluded.ok_polls,
        last_ok_at = greatest(d.last_ok_at, excluded.last_ok_at), longest_gap = greatest(d.longest_gap, excluded.longest_gap);
    return null;
end $$;
comment on function mediawatch.count_polls is 'Feeds were polled.';
create trigger polls_come after insert on feed_poll referencing new table as polls_new for each statement execute function mediawatch.count_polls();

create function mediawatch.count_announcements() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    insert into feed_day as d (feed_id, day, entries, last_new_at)
    select feed_id, (announced_at at time zone 'UTC')::date, count(*), max(announced_at) from announced_new group by 1, 2 order by 1, 2
    on conflict (feed_id, day) do update set entries = d.entries + excluded.entries, last_new_at = greatest(d.last_new_at, excluded.last_new_at);
    return null;
end $$;
comment on function mediawatch.count_announcements is 'Feeds announced entries.';
create trigger announcements_come after insert on entry_announcement referencing new table as announced_new
    for each statement execute function mediawatch.count_announcements();

create function mediawatch.rebuild_counts() returns void language plpgsql as $$
begin
    lock table mediawatch.entry, mediawatch.feed_poll, mediawatch.entry_announcement in share mode;
    perform mediawatch.rebuild_volume();
    delete from mediawatch.arrival;
    insert into mediawatch.arrival select mediawatch.utc_hour(first_seen_at), status, reason, count(*) from mediawatch.entry group by 1, 2, 3;
    update mediawatch.feed_day set entries = 0, last_new_at = null;
    insert into mediawatch.feed_day as d (feed_id, day, entries, last_new_at)
    select feed_id, (announced_at at time zone 'UTC')::date, count(*), max(announced_at) from mediawatch.entry_announcement group by 1, 2
    on conflict (feed_id, day) do update set entries = excluded.entries, last_new_at = excluded.last_new_at;
    -- days whose polls are no longer in the log, or not all of them, keep what they have
    insert into mediawatch.feed_day as d (feed_id, day, polls, ok_polls, last_ok_at, longest_gap)
    select feed_id, (polled_at at time zone 'UTC')::date, count(*), count(*) filter (where ok), max(polled_at) filter (where ok), max(gap)
    from (select feed_id, polled_at, ok, case when ok then polled_at - max(polled_at) filter (where ok) over earlier end as gap
          from (select feed_id, polled_at, result in ('new', 'nothing_new', 'same_body', 'not_modified') as ok from mediawatch.feed_poll) p
          window earlier as (partition by feed_id order by polled_at rows between unbounded preceding and 1 preceding)) p
    group by 1, 2
    on conflict (feed_id, day) do update set polls = excluded.polls, ok_polls = excluded.ok_polls, last_ok_at = excluded.last_ok_at,
        longest_gap = excluded.longest_gap where excluded.polls >= d.polls;
end $$;
comment on function mediawatch.rebuild_counts is 'Counts everything anew, after rows were put in with triggers off.';

create table saved_query (
    name     text primary key,
    query    text not null,
    owner    text not null,
    note     text not null default '',
    saved_at timestamptz not null default now()
);
comment on table saved_query is 'Queries over the analyst''s views that people keep, to run again and to follow as a feed.';
comment on column saved_query.name is 'What it is called by.';
comment on column saved_query.query is 'One SQL query, run as the role analyst.';
comment on column saved_query.owner is 'Who saved it.';
comment on column saved_query.note is 'What it is for.';
comment on column saved_query.saved_at is 'When it was last saved.';

create table removal (
    entry_id bigint primary key references entry on delete cascade,
    why      text not null check (why in ('expired', 'forgotten')),
    asked_by text not null,
    asked_at timestamptz not null default now()
);
comment on table removal is 'Entries whose text and all that was made of it are to be taken away; a row goes when that is done.';
comment on column removal.entry_id is 'The entry.';
comment on column removal.why is 'expired: by the rules of retention; forgotten: a person had it taken down.';
comment on column removal.asked_by is 'By whom.';
comment on column removal.asked_at is 'When.';

create table removal_record (
    warc_file   text not null,
    warc_offset bigint not null,
    primary key (warc_file, warc_offset)
);
comment on table removal_record is 'Archive records that are to be taken out of their files; a row goes when that is done.';
comment on column removal_record.warc_file is 'The file.';
comment on column removal_record.warc_offset is 'Byte offset of the record''s gzip member.';

create table tombstone (
    url_key bytea primary key,
    why     text not null check (why in ('expired', 'forgotten')),
    asked_by text not null,
    at      timestamptz not null default clock_timestamp()
);
comment on table tombstone is 'What was taken away and does not come back: no poll, page or backfill makes it an entry or an article again.';
comment on column tombstone.url_key is 'Identity of the entry, or key of the URL of its page or article.';
comment on column tombstone.why is 'expired: by the rules of retention; forgotten: a person had it taken down.';
comment on column tombstone.asked_by is 'By whom.';
comment on column tombstone.at is 'When.';

-- serves analyst.stories: what was published lately
create index story_last_idx on story (last_published_at);
-- serves analyst.events: what happened lately
create index event_last_idx on event (last_published_at);
-- serves analyst.articles: an article by its address
create index article_url_idx on article using hash (url);
