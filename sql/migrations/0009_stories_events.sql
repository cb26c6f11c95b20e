-- The candidate index in half the bytes: 32-bit keys, and articles by a rank that hangs on their URL, not on their arrival.
-- Sketches of the version before are no longer asked: `mediawatch stories regroup` makes them anew.
truncate story_key;
alter table story_key drop column article_id, drop column key;
alter table story_key add column key int not null, add column rank int not null, add primary key (key, rank);
comment on table story_key is 'The candidate index, shared by all workers: articles by hash key. A worker inserts, commits, then asks.';
comment on column story_key.key is 'A 32-bit hash of a few words.';
comment on column story_key.rank is 'The rank of an article that has these words; no foreign key, since the index is written the most.';

alter table sketch alter column keys type int[] using '{}', add column rank int not null default 0;
alter table sketch alter column rank drop default;
-- serves stories.candidates: the article of a rank
create index sketch_rank_idx on sketch (rank);
comment on column sketch.rank is '32 bits of the URL''s hash: an order of articles that does not hang on when they came. Seldom two share one.';
comment on column sketch.shingles is 'Sorted sample of shingle hashes, little-endian uint32.';
comment on column sketch.positions is 'Word position of each sampled shingle, little-endian uint16.';
comment on column sketch.terms is 'Sorted hashes of the distinct long words, little-endian uint16.';

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

alter table story add column agency text;
comment on column story.agency is 'The news agency that its articles name as their origin, most of them where they differ; null when none does.';
comment on column story.canonical_article_id is 'The article that stands for it: an agency''s own before all others, then the earliest, the longest on a tie.';

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

create table story_terms (
    story_id   int primary key references story on delete cascade,
    article_id int not null references article on delete cascade,
    generation_id int not null references generation,
    terms      bytea not null,
    weights    bytea not null,
    days       smallint not null,
    language   text,
    at         timestamptz not null
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

alter table event
    add column terms text[] not null default '{}',
    add column stories int not null default 0,
    add column articles int not null default 0,
    add column sources int not null default 0,
    add column first_published_at timestamptz,
    add column last_published_at timestamptz,
    add column updated_at timestamptz not null default now();
comment on table event is 'All stories about the same happening. The counts cover loaded articles only.';
comment on column event.event_id is 'Its id; it stays, and an event that joins another leaves a redirect.';
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
