-- The body that a feed gives with an entry, kept while the entry waits for its extraction.
alter table entry add column content text;
comment on column entry.content is 'The body that the feed gives, as HTML, until the entry is extracted; null where it gives none or too much.';
