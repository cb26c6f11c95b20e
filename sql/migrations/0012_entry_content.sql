-- The body that a feed gives with an entry, kept while the entry waits for its extraction.
alter table entry add column content text;
comment on column entry.content is 'The body that the feed gives, as HTML, until the entry is extracted; null where it gives none or too much.';

alter table feed_change drop constraint feed_change_what_check,
    add constraint feed_change_what_check check (what in ('state', 'url', 'validators', 'merged', 'credential'));
comment on column feed_change.what is 'state, url, validators (no longer believed), merged (another feed has its place), credential (the name of the secret).';

alter table story_terms add column stale boolean not null default false;
comment on column story_terms.stale is 'The article has another text since: to be read again.';
