-- What analysts see. Applied by `mediawatch migrate` after the migrations; a change that `create or replace` refuses needs a migration that drops the view first.

create or replace view analyst.articles as
select a.article_id, a.story_id, s.event_id, src.name as source, a.title, a.text, a.url, a.language,
       a.published_at, (a.published_at at time zone 'UTC' + make_interval(mins => coalesce(a.published_zone_min, 0)))::date as published_on,
       a.published_precision, a.published_origin, a.modified_at, a.claimed_at, a.first_seen_at, a.fetched_at, a.loaded_at,
       a.authors, a.word_count,
       a.topics, a.article_id = s.canonical_article_id as is_canonical
from mediawatch.article a
join mediawatch.source src using (source_id)
join mediawatch.story s using (story_id)
where a.loaded_at is not null;
comment on view analyst.articles is 'Articles with their text, times, story and topics; one row an article.';
comment on column analyst.articles.story_id is 'Articles with the same story_id are the same piece of writing.';
comment on column analyst.articles.event_id is 'Stories with the same event_id tell of the same happening.';
comment on column analyst.articles.source is 'Publisher.';
comment on column analyst.articles.language is 'ISO 639-1, e.g. en; null when it cannot be told.';
comment on column analyst.articles.published_at is 'First publication; precision and origin say how well it is known.';
comment on column analyst.articles.published_on is 'The day of publication, in the time zone that the page states.';
comment on column analyst.articles.published_precision is 'second, minute, or day (then the time of day means nothing).';
comment on column analyst.articles.published_origin is 'Where the date was read: json-ld, meta, time, text, htmldate, url or feed.';
comment on column analyst.articles.claimed_at is 'The date that the feed claims.';
comment on column analyst.articles.first_seen_at is 'When a feed first announced it to mediawatch.';
comment on column analyst.articles.word_count is 'Words; characters for scripts without spaces.';
comment on column analyst.articles.topics is 'Topics that it is on, the strongest first.';
comment on column analyst.articles.is_canonical is 'True for the one article that stands for its story: count these to count stories.';

create or replace view analyst.stories as
select s.story_id, s.event_id, a.title, src.name as source, a.url, a.language, s.articles, s.sources,
       s.first_published_at, s.last_published_at, s.canonical_article_id
from mediawatch.story s
join mediawatch.article a on a.article_id = s.canonical_article_id
join mediawatch.source src on src.source_id = a.source_id
where s.articles > 0;
comment on view analyst.stories is 'Pieces of writing, each once, with how far they spread.';
comment on column analyst.stories.title is 'Headline of the canonical article.';
comment on column analyst.stories.source is 'Publisher of the canonical article.';
comment on column analyst.stories.articles is 'Articles that carry it.';
comment on column analyst.stories.sources is 'Publishers that carry it.';

create or replace view analyst.copies as
select a.story_id, l.article_a, l.article_b, sa.name as source_a, sb.name as source_b, a.title as title_a, b.title as title_b,
       l.kind, l.score, l.covered_a, l.covered_b, l.part, a.story_id = b.story_id as same_story
from mediawatch.story_link l
join mediawatch.article a on a.article_id = l.article_a
join mediawatch.article b on b.article_id = l.article_b
join mediawatch.source sa on sa.source_id = a.source_id
join mediawatch.source sb on sb.source_id = b.source_id
where a.loaded_at is not null and b.loaded_at is not null;
comment on view analyst.copies is 'Pairs of articles that share text: why articles are one story, or are not.';
comment on column analyst.copies.kind is 'exact, edited, cut (a part of the other), contains (a round-up), shares_text (a quotation).';
comment on column analyst.copies.score is '0..1; what was decided on.';
comment on column analyst.copies.covered_a is 'Share of a''s text that is found in b.';
comment on column analyst.copies.covered_b is 'Share of b''s text that is found in a.';
comment on column analyst.copies.part is 'Which part of the shorter text is shared.';
comment on column analyst.copies.same_story is 'False: they share text and are still two stories.';

create or replace view analyst.article_topics as
select t.topic_id as topic, t.article_id, a.story_id, t.level, t.score, t.version, t.tagged_at,
       coalesce((select array_agg(distinct e.matched order by e.matched)
                 from mediawatch.topic_evidence e where (e.article_id, e.topic_id) = (t.article_id, t.topic_id)), '{}') as words
from mediawatch.article_topic t
join mediawatch.article a using (article_id)
where a.loaded_at is not null;
comment on view analyst.article_topics is 'Which article is on which topic, and the words that caused it.';
comment on column analyst.article_topics.level is 'primary: its main subject; secondary: material but not main.';
comment on column analyst.article_topics.version is 'Version of the topic that decided.';
comment on column analyst.article_topics.words is 'The words as the article writes them; their places are in analyst.evidence.';

create or replace view analyst.evidence as
select e.topic_id as topic, e.article_id, e.position, e.signal, e.term, e.matched, e.zone, e.start_at, e.end_at, e.weight
from mediawatch.topic_evidence e
join mediawatch.article a using (article_id)
where a.loaded_at is not null;
comment on view analyst.evidence is 'Each hit that counted for a topic, with its place in the title or the text.';
comment on column analyst.evidence.start_at is 'Offset of the first character: substr(text, start_at + 1, end_at - start_at) is the match.';

create or replace view analyst.topics as
select t.topic_id as topic, t.title, t.definition, t.live_version as version, v.author, v.created_at,
       (select count(*) from mediawatch.article_topic x join mediawatch.article a using (article_id)
        where x.topic_id = t.topic_id and a.loaded_at is not null) as articles
from mediawatch.topic t
join mediawatch.topic_version v on (v.topic_id, v.version) = (t.topic_id, t.live_version);
comment on view analyst.topics is 'The topics, what each means, and how many articles are on it.';

create or replace view analyst.outcomes as
select e.entry_id, src.name as source, e.url, e.title, e.status, e.reason,
       (select o.detail from mediawatch.outcome o where o.entry_id = e.entry_id and o.status <> 'ok'
        order by o.at desc limit 1) as detail,
       e.stage, e.attempts, e.article_id, e.claimed_at, e.first_seen_at, e.settled_at
from mediawatch.entry e
join mediawatch.source src using (source_id);
comment on view analyst.outcomes is 'Every entry that a feed announced and what it came to: divide any count by this.';
comment on column analyst.outcomes.status is 'loaded, dropped (by rule), failed (could not be got), or pending.';
comment on column analyst.outcomes.reason is 'Why not; see docs/outcomes.md.';
comment on column analyst.outcomes.detail is 'What the server or the page said last, when something was wrong.';
comment on column analyst.outcomes.stage is 'The stage that a pending entry waits for; else done.';
comment on column analyst.outcomes.article_id is 'The article; for same_page the one that was there already.';

create or replace view analyst.feeds as
select f.feed_id, src.name as source, f.url, f.title, f.format, f.state, f.interval_s, f.next_poll_at, f.why, f.failures, f.polled_at, f.changed_at,
       p.result as last_result, p.reason as last_reason, p.http_status as last_http_status, p.detail as last_detail,
       (select count(*) from mediawatch.entry_announcement n where n.feed_id = f.feed_id) as entries
from mediawatch.feed f
join mediawatch.source src using (source_id)
left join lateral (select * from mediawatch.feed_poll p where p.feed_id = f.feed_id order by p.polled_at desc, p.poll_id desc limit 1) p on true;
comment on view analyst.feeds is 'Subscriptions: state, rhythm, and what the last poll said.';
comment on column analyst.feeds.why is 'Why the interval is what it is.';
comment on column analyst.feeds.last_result is 'new, nothing_new, same_body, not_modified (304), not_a_feed or failed.';
comment on column analyst.feeds.entries is 'Entries that it has announced.';

create or replace view analyst.polls as
select p.poll_id, p.feed_id, f.url, p.polled_at, p.result, p.reason, p.detail, p.http_status, p.size_bytes, p.elapsed_ms, p.entries, p.entries_new
from mediawatch.feed_poll p
join mediawatch.feed f using (feed_id);
comment on view analyst.polls is 'The log of polls.';

create or replace view analyst.story_redirects as
select story_id, into_story_id, at from mediawatch.story_redirect;
comment on view analyst.story_redirects is 'Stories that were found to be another one: an old story_id leads to the one that has its articles now.';
