-- robots.txt shared by all workers; polls that are fair and spaced among hosts; feeds that need credentials.
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

alter table feed
    add column host text not null generated always as
        (lower(trim(both '[]' from coalesce(substring(url from '^\w+://(?:[^/?#]*@)?(\[[^]]*\]|[^/?#:]*)'), '')))) stored,
    add column credential text;
-- serves feeds.claim_due: hosts that another shard polls
create index feed_leased_host_idx on feed (host) where lease_owner is not null;
comment on column feed.host is 'Host of the URL, for fair and paced polling.';
comment on column feed.credential is 'Name of the secret that the feed is asked with; the secret itself is never stored.';
