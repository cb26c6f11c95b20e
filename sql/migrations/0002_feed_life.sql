-- A feed's life: validators that are not believed, moves that are confirmed, who retired it, and its history.

alter table feed
    add column polls int not null default 0,
    add column unmodified boolean not null default false,
    add column distrust_until timestamptz,
    add column retired_by text check (retired_by in ('hand', 'failures', 'merge')),
    add column first_url text,
    add column moved_to text,
    add column moved_since timestamptz,
    add column moved_polls int not null default 0;
comment on column feed.polls is 'Polls so far: every 50th asks for the whole body.';
comment on column feed.unmodified is 'The server has said 304 since the last whole body.';
comment on column feed.distrust_until is 'Validators are not sent before: a 304 had hidden a changed body.';
comment on column feed.retired_by is 'hand: stays retired whatever its probes answer; failures: until one answers; merge: another feed has its place, and it is not polled.';
comment on column feed.first_url is 'The URL before it was first rewritten, on which identities of entries without a URL rest; null when it never was.';
comment on column feed.moved_to is 'Where a permanent redirect leads, until it is confirmed.';
comment on column feed.moved_since is 'First poll that was led there.';
comment on column feed.moved_polls is 'Polls in a row that were led there.';

update feed set retired_by = case why when 'retired by hand' then 'hand' else 'failures' end where state = 'retired';

create table feed_change (
    change_id bigint generated always as identity primary key,
    feed_id   int not null references feed on delete cascade,
    at        timestamptz not null,
    what      text not null check (what in ('state', 'url', 'validators', 'merged')),
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
comment on column feed_change.what is 'state, url, validators (no longer believed), merged (another feed has its place).';
comment on column feed_change.was is 'Before; for merged its own URL.';
comment on column feed_change.becomes is 'After; for merged the URL of the feed that stays.';
comment on column feed_change.why is 'What decided.';

-- Coverage: when nobody looked, and what changed in what was announced.

alter table feed add column answered_at timestamptz;
comment on column feed.answered_at is 'Last poll that was answered with a feed.';
update feed f set answered_at = (
    select max(polled_at) from feed_poll p where p.feed_id = f.feed_id and p.result in ('new', 'nothing_new', 'same_body', 'not_modified'));

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

alter table entry_announcement add column title text;
comment on column entry_announcement.title is 'The title that this feed gives it now.';
drop index entry_announcement_feed_idx;
-- serves analyst.feed_coverage: what a feed announced when
create index entry_announcement_feed_idx on entry_announcement (feed_id, announced_at);
-- serves entries.note_announcements: an entry by the id that its feed gave it
create index entry_announcement_guid_idx on entry_announcement (feed_id, md5(guid)) where guid is not null;

create table entry_change (
    entry_id bigint not null references entry on delete cascade,
    feed_id  int not null references feed on delete cascade,
    at       timestamptz not null,
    what     text not null check (what in ('title', 'url')),
    was      text not null,
    becomes  text not null
);
-- serves analyst.entry_changes: the history of an entry
create index entry_change_entry_idx on entry_change (entry_id, at);
comment on table entry_change is 'The history of an entry: titles and URLs that its feeds changed after they had announced it.';
comment on column entry_change.entry_id is 'The entry.';
comment on column entry_change.feed_id is 'The feed that changed it.';
comment on column entry_change.at is 'The poll that found it changed.';
comment on column entry_change.what is 'title, or url: the same guid came with another URL, which is an entry of its own.';
comment on column entry_change.was is 'Before.';
comment on column entry_change.becomes is 'After.';
