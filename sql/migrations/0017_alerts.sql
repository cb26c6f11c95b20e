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

-- serves alerts.new_events: what happened lately
create index event_first_published_idx on event (first_published_at) where articles > 0;
