-- What analysts see. Applied by `mediawatch migrate` after the migrations; a change that `create or replace` refuses needs a migration that drops the view first.

create or replace view analyst.articles as
select a.article_id, a.story_id, s.event_id, src.name as source, a.title, a.text, a.url, a.language,
       a.published_at, mediawatch.article_day(a.published_at, a.published_zone_min) as published_on,
       a.published_precision, a.published_origin, a.modified_at, a.claimed_at, a.first_seen_at, a.fetched_at, a.loaded_at,
       a.authors, a.word_count,
       a.topics, a.article_id = s.canonical_article_id as is_canonical,
       a.kind, a.script, a.section, a.tags, a.image_url, a.free, a.syndicated_from,
       coalesce(y.agency, s.agency) as agency,
       not coalesce(y.is_agency, false)
           and (y.agency is not null or (a.article_id <> s.canonical_article_id and a.source_id <> c.source_id)) as is_syndicated,
       case when a.article_id <> s.canonical_article_id then s.canonical_article_id end as origin_article_id
from mediawatch.article a  -- each has all of these; joined from the left, what a query does not ask for is not read
left join mediawatch.source src using (source_id)
left join mediawatch.story s using (story_id)
left join mediawatch.article c on c.article_id = s.canonical_article_id
left join mediawatch.syndication y on y.article_id = a.article_id
where a.loaded_at is not null;
comment on view analyst.articles is 'Articles with their text, times, story and topics; one row an article.';
comment on column analyst.articles.article_id is 'Its id.';
comment on column analyst.articles.image_url is 'Its picture, as the page states it.';
comment on column analyst.articles.title is 'Headline, without the site''s name.';
comment on column analyst.articles.text is 'Plain text, paragraphs separated by a blank line.';
comment on column analyst.articles.url is 'The address that the page itself gives, else where the fetch ended.';
comment on column analyst.articles.modified_at is 'Last change that the page states.';
comment on column analyst.articles.fetched_at is 'When the page was fetched.';
comment on column analyst.articles.loaded_at is 'When it became visible here.';
comment on column analyst.articles.authors is 'People, as the byline names them.';
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
comment on column analyst.articles.agency is 'The news agency that it names as its origin, else the one that copies of it name; evidence in analyst.syndication.';
comment on column analyst.articles.is_syndicated is 'True when another publisher wrote it: it names an agency, or it is a copy of another source''s article.';
comment on column analyst.articles.origin_article_id is 'The article that it is a copy of, as best known: its story''s canonical one; null for that one.';
comment on column analyst.articles.is_canonical is 'True for the one article that stands for its story: count these to count stories.';
comment on column analyst.articles.kind is 'article, live_blog, gallery or video.';
comment on column analyst.articles.script is 'Hans or Hant for Chinese, Cyrl or Latn for Serbian; else null.';
comment on column analyst.articles.section is 'The part of the paper that it is in, as the page names it.';
comment on column analyst.articles.tags is 'Keywords that the page gives it.';
comment on column analyst.articles.free is 'Whether the page says that it can be read without paying; null when it says nothing.';
comment on column analyst.articles.syndicated_from is 'The agency or site that the page credits.';

create or replace view analyst.article_fields as
select a.article_id, f.field, f.value, case when f.field = 'text' then a.engine else a.origins ->> f.field end as source,
       (a.confidences ->> f.field)::real as confidence
from mediawatch.article a
cross join lateral (values
    ('title', a.title), ('text', left(a.text, 80)), ('authors', nullif(array_to_string(a.authors, '; '), '')),
    ('published', a.published_at::text), ('modified', a.modified_at::text), ('canonical_url', case when a.origins ? 'canonical_url' then a.url end),
    ('site_name', a.site_name), ('section', a.section), ('tags', nullif(array_to_string(a.tags, '; '), '')), ('image_url', a.image_url),
    ('syndicated_from', a.syndicated_from)) f (field, value)
where a.loaded_at is not null and f.value is not null;
comment on view analyst.article_fields is 'Where each field of an article was read and how far to trust it; one row a field that has a value.';
comment on column analyst.article_fields.field is 'title, text, authors, published, modified, canonical_url, site_name, section, tags, image_url or syndicated_from.';
comment on column analyst.article_fields.value is 'As text; of the body the beginning.';
comment on column analyst.article_fields.source is 'json-ld, meta, microdata, link, h1, title, byline, time, text, url, page or feed; of the body, what found it.';
comment on column analyst.article_fields.confidence is '0..1: higher when several sources agree, lower when another one disagrees.';

create or replace view analyst.dates_set_aside as
select a.article_id, d.field, d.value, d.origin as source, d.reason
from mediawatch.article a
cross join lateral jsonb_to_recordset(a.asides) d (field text, value text, origin text, reason text)
where a.loaded_at is not null;
comment on view analyst.dates_set_aside is 'Dates that pages state and that were not believed; one row a date.';
comment on column analyst.dates_set_aside.field is 'published or modified.';
comment on column analyst.dates_set_aside.value is 'As it was read, ISO 8601.';
comment on column analyst.dates_set_aside.reason is 'year 1, before the web, after the fetch, before the publication, or not the day of the source that is believed.';

create or replace view analyst.stories as
select s.story_id, s.event_id, a.title, src.name as source, a.url, a.language, s.articles, s.sources,
       s.first_published_at, s.last_published_at, s.canonical_article_id, s.agency
from mediawatch.story s
left join mediawatch.article a on a.article_id = s.canonical_article_id
left join mediawatch.source src on src.source_id = a.source_id
where s.articles > 0;
comment on view analyst.stories is 'Pieces of writing, each once, with how far they spread.';
comment on column analyst.stories.story_id is 'Its id; it stays. One that is no longer used leads on in analyst.story_redirects.';
comment on column analyst.stories.event_id is 'Stories with the same event_id tell of the same happening.';
comment on column analyst.stories.url is 'Address of the canonical article.';
comment on column analyst.stories.language is 'Its language.';
comment on column analyst.stories.first_published_at is 'Earliest publication among its articles.';
comment on column analyst.stories.last_published_at is 'Latest publication among them.';
comment on column analyst.stories.canonical_article_id is 'The article that stands for it: an agency''s own, else the earliest, the longest on a tie.';
comment on column analyst.stories.title is 'Headline of the canonical article.';
comment on column analyst.stories.source is 'Publisher of the canonical article.';
comment on column analyst.stories.agency is 'The news agency that its articles name as their origin.';
comment on column analyst.stories.articles is 'Articles that carry it.';
comment on column analyst.stories.sources is 'Publishers that carry it.';

create or replace view analyst.copies as
select a.story_id, l.article_a, l.article_b, sa.name as source_a, sb.name as source_b, a.title as title_a, b.title as title_b,
       l.kind, l.score, l.covered_a, l.covered_b, l.part, a.story_id = b.story_id as same_story,
       g.version as method, case when v.same then 'also a copy' when not v.same then 'not a copy' end as verdict, l.shared
from mediawatch.story_link l
join mediawatch.generation g using (generation_id)
left join mediawatch.story_verdict v using (article_a, article_b)
join mediawatch.article a on a.article_id = l.article_a
join mediawatch.article b on b.article_id = l.article_b
join mediawatch.source sa on sa.source_id = a.source_id
join mediawatch.source sb on sb.source_id = b.source_id
where a.loaded_at is not null and b.loaded_at is not null;
comment on view analyst.copies is 'Pairs of articles that share text: why articles are one story, or are not.';
comment on column analyst.copies.story_id is 'The story of article_a.';
comment on column analyst.copies.article_a is 'The article with the smaller id.';
comment on column analyst.copies.article_b is 'The other.';
comment on column analyst.copies.source_a is 'Publisher of article_a.';
comment on column analyst.copies.source_b is 'Publisher of article_b.';
comment on column analyst.copies.title_a is 'Headline of article_a.';
comment on column analyst.copies.title_b is 'Headline of article_b.';
comment on column analyst.copies.kind is 'exact, edited, cut (a part of the other), contains (a round-up), shares_text (a quotation).';
comment on column analyst.copies.score is '0..1; what was decided on.';
comment on column analyst.copies.covered_a is 'Share of a''s text that is found in b.';
comment on column analyst.copies.covered_b is 'Share of b''s text that is found in a.';
comment on column analyst.copies.part is 'Which part of the shorter text is shared.';
comment on column analyst.copies.method is 'Version of the method that measured it.';
comment on column analyst.copies.verdict is 'What an analyst said of the pair; it outweighs the measurement.';
comment on column analyst.copies.shared is 'Shingles of five words in common, of the sample that is kept.';
comment on column analyst.copies.same_story is 'False: they share text and are still two stories.';

create or replace view analyst.verdicts as
select v.article_a, v.article_b, v.same, v.author, v.note, v.said_at
from mediawatch.story_verdict v
join mediawatch.article a on a.article_id = v.article_a
join mediawatch.article b on b.article_id = v.article_b
where a.loaded_at is not null and b.loaded_at is not null;
comment on view analyst.verdicts is 'What people said of two articles, copies or not: later runs keep to it.';
comment on column analyst.verdicts.article_a is 'The article with the smaller id.';
comment on column analyst.verdicts.article_b is 'The other.';
comment on column analyst.verdicts.said_at is 'When.';
comment on column analyst.verdicts.same is 'True: also a copy. False: not a copy.';
comment on column analyst.verdicts.author is 'Who said it.';
comment on column analyst.verdicts.note is 'Why.';

create or replace view analyst.syndication as
select a.article_id, a.story_id, src.name as source, a.title, y.agency, y.is_agency, e.ordinality as position,
       e.evidence ->> 'where' as found_in, e.evidence ->> 'agency' as named, e.evidence ->> 'words' as words
from mediawatch.syndication y
join mediawatch.article a using (article_id)
join mediawatch.source src using (source_id)
cross join lateral jsonb_array_elements(y.evidence) with ordinality as e (evidence, ordinality)
where a.loaded_at is not null;
comment on view analyst.syndication is 'Where articles say that they come from a news agency; one row for each place.';
comment on column analyst.syndication.article_id is 'The article.';
comment on column analyst.syndication.story_id is 'Its story.';
comment on column analyst.syndication.source is 'Its publisher.';
comment on column analyst.syndication.title is 'Its headline.';
comment on column analyst.syndication.agency is 'The agency that the article counts for: the one of the strongest evidence.';
comment on column analyst.syndication.is_agency is 'The agency published the article itself.';
comment on column analyst.syndication.position is 'The strongest evidence is 1.';
comment on column analyst.syndication.found_in is 'dateline, byline, credit, copyright, canonical (the page gives the agency''s address as its own), site or source (the publisher is the agency).';
comment on column analyst.syndication.named is 'The agency that is named there.';
comment on column analyst.syndication.words is 'The words that name it.';

create or replace view analyst.events as
select e.event_id, e.title, e.terms, e.stories, e.articles, e.sources, e.first_published_at, e.last_published_at
from mediawatch.event e
where e.articles > 0;
comment on view analyst.events is 'Happenings: stories, in words of their own, about the same thing.';
comment on column analyst.events.event_id is 'Stories with this event_id tell of it.';
comment on column analyst.events.title is 'Its most telling headline.';
comment on column analyst.events.terms is 'The words of its headlines that say most of it, the most telling first.';
comment on column analyst.events.stories is 'Stories that tell of it.';
comment on column analyst.events.articles is 'Articles that carry these stories.';
comment on column analyst.events.sources is 'Publishers that carry them.';
comment on column analyst.events.first_published_at is 'Earliest publication among them.';
comment on column analyst.events.last_published_at is 'Latest publication among them.';

create or replace view analyst.event_changes as
select c.at, c.event_id, c.into_event_id, c.what, c.stories, r.into_event_id as leads_to
from mediawatch.event_change c
left join mediawatch.event_redirect r using (event_id);
comment on view analyst.event_changes is 'The history of events: stories that went from one to another as more became known.';
comment on column analyst.event_changes.at is 'When.';
comment on column analyst.event_changes.event_id is 'The event that they were in.';
comment on column analyst.event_changes.into_event_id is 'The event that they went to.';
comment on column analyst.event_changes.what is 'merge: all of its stories went there; split: some did.';
comment on column analyst.event_changes.stories is 'The stories.';
comment on column analyst.event_changes.leads_to is 'For an event that is no longer used: the one that has most of its stories now.';

create or replace view analyst.article_topics as
select t.topic_id as topic, t.article_id, a.story_id, t.level, t.score, t.version, t.tagged_at,
       coalesce((select array_agg(distinct e.matched order by e.matched) from mediawatch.topic_evidence e where e.tag_id = t.tag_id), '{}') as words,
       t.tag_id
from mediawatch.article_topic t
join mediawatch.topic_tagging g using (tagging_id)
join mediawatch.article a using (article_id)
where a.loaded_at is not null and g.state = 'live' and t.valid_to is null;
comment on view analyst.article_topics is 'Which article is on which topic, and the words that caused it.';
comment on column analyst.article_topics.topic is 'The topic''s short name.';
comment on column analyst.article_topics.article_id is 'The article.';
comment on column analyst.article_topics.story_id is 'Its story: count these to count pieces of writing.';
comment on column analyst.article_topics.level is 'primary: its main subject; secondary: material but not main.';
comment on column analyst.article_topics.score is 'Sum of the weights of its evidence.';
comment on column analyst.article_topics.version is 'Version of the topic that decided.';
comment on column analyst.article_topics.tagged_at is 'When it was decided.';
comment on column analyst.article_topics.words is 'The words as the article writes them; their places are in analyst.evidence.';
comment on column analyst.article_topics.tag_id is 'The tag; leads to analyst.evidence.';

create or replace view analyst.article_topic_history as
select t.topic_id as topic, t.article_id, t.level, t.score, t.version, n.version as engine, v.definition_hash, t.text_sha256,
       s.valid_from, s.valid_to, t.tag_id
from mediawatch.article_topic t
join mediawatch.topic_tagging g using (tagging_id)
join mediawatch.topic_version v on (v.topic_id, v.version) = (t.topic_id, t.version)
join mediawatch.generation n on n.generation_id = t.generation_id
join mediawatch.article a using (article_id)
cross join lateral (select greatest(t.tagged_at, g.live_at, a.loaded_at) as valid_from, least(t.valid_to, g.retired_at) as valid_to) s
where a.loaded_at is not null and g.live_at is not null and (s.valid_to is null or s.valid_from < s.valid_to);
comment on view analyst.article_topic_history is 'Tags as analysts have ever seen them. The state of a moment: where valid_from <= moment and (valid_to is null or valid_to > moment).';
comment on column analyst.article_topic_history.topic is 'The topic''s short name.';
comment on column analyst.article_topic_history.article_id is 'The article.';
comment on column analyst.article_topic_history.level is 'primary: its main subject; secondary: material but not main.';
comment on column analyst.article_topic_history.score is 'Sum of the weights of its evidence.';
comment on column analyst.article_topic_history.version is 'Version of the topic that decided.';
comment on column analyst.article_topic_history.engine is 'Version of the matcher that decided.';
comment on column analyst.article_topic_history.definition_hash is 'sha256 of the definition that decided.';
comment on column analyst.article_topic_history.text_sha256 is 'The text that was read.';
comment on column analyst.article_topic_history.valid_from is 'Since when analysts saw it.';
comment on column analyst.article_topic_history.valid_to is 'Until when; null for now.';
comment on column analyst.article_topic_history.tag_id is 'The tag; leads to analyst.evidence.';

create or replace view analyst.evidence as
select t.topic_id as topic, t.article_id, e.position, e.signal, e.term, e.matched, e.zone, e.start_at, e.end_at, e.weight,
       case when t.text_sha256 = a.text_sha256
            then substr(case e.zone when 'title' then a.title else a.text end, e.sentence_start + 1, e.sentence_end - e.sentence_start) end as sentence,
       t.tag_id, g.state = 'live' and t.valid_to is null as is_current
from mediawatch.topic_evidence e
join mediawatch.article_topic t using (tag_id)
join mediawatch.topic_tagging g using (tagging_id)
join mediawatch.article a using (article_id)
where a.loaded_at is not null and g.live_at is not null;
comment on view analyst.evidence is 'Each hit that counted for a topic, with its place in the title or the text; is_current for the tags of now.';
comment on column analyst.evidence.topic is 'The topic''s short name.';
comment on column analyst.evidence.article_id is 'The article.';
comment on column analyst.evidence.position is 'Order in the article, from 0.';
comment on column analyst.evidence.signal is 'The signal of the topic file that it fulfils.';
comment on column analyst.evidence.term is 'The term as the topic file writes it.';
comment on column analyst.evidence.matched is 'The words as the article writes them.';
comment on column analyst.evidence.zone is 'title, lead or body.';
comment on column analyst.evidence.start_at is 'Offset of the first character: substr(text, start_at + 1, end_at - start_at) is the match.';
comment on column analyst.evidence.end_at is 'Offset behind the last character.';
comment on column analyst.evidence.weight is 'What it added to the score; 0 for what only had to be near or there.';
comment on column analyst.evidence.sentence is 'The sentence that it stands in; null where the article has another text now.';
comment on column analyst.evidence.tag_id is 'The tag that it belongs to.';
comment on column analyst.evidence.is_current is 'False: it belongs to a tag of the past.';

create or replace view analyst.topics as
select t.topic_id as topic, t.title, t.definition, t.live_version as version, v.author, v.created_at,
       (select coalesce(sum(x.articles), 0) from mediawatch.volume x where x.topic_id = t.topic_id) as articles,
       (select max(w.version) from mediawatch.topic_version w where w.topic_id = t.topic_id) as newest_version
from mediawatch.topic t
join mediawatch.topic_version v on (v.topic_id, v.version) = (t.topic_id, t.live_version)
join mediawatch.topic_tagging g on g.topic_id = t.topic_id and g.state = 'live';
comment on view analyst.topics is 'The topics, what each means, and how many articles are on it.';
comment on column analyst.topics.topic is 'Its short name.';
comment on column analyst.topics.title is 'What people call it.';
comment on column analyst.topics.definition is 'What belongs and what does not, in words.';
comment on column analyst.topics.version is 'The version that tags now.';
comment on column analyst.topics.author is 'Who wrote that version; package for one that ships.';
comment on column analyst.topics.created_at is 'When that version was written.';
comment on column analyst.topics.articles is 'Articles on it now.';
comment on column analyst.topics.newest_version is 'The newest version; above `version` when it is a draft or is being built.';

create or replace view analyst.topic_versions as
select v.topic_id as topic, v.version, v.author, v.created_at, v.note, encode(v.definition_hash, 'hex') as definition_hash, v.body,
       coalesce(g.state, 'draft') as state, g.engine, g.live_at, g.retired_at
from mediawatch.topic_version v
left join mediawatch.topic_tagging g using (topic_id, version);
comment on view analyst.topic_versions is 'Every version of every topic, and when it tagged; one row for each time.';
comment on column analyst.topic_versions.topic is 'The topic''s short name.';
comment on column analyst.topic_versions.version is 'Its number, from 1.';
comment on column analyst.topic_versions.author is 'Who wrote it; package for one that ships.';
comment on column analyst.topic_versions.created_at is 'When it was written.';
comment on column analyst.topic_versions.note is 'Why.';
comment on column analyst.topic_versions.definition_hash is 'sha256 of its content, whatever its layout.';
comment on column analyst.topic_versions.body is 'The topic file.';
comment on column analyst.topic_versions.state is 'draft, building, live, retired, or abandoned before it was live.';
comment on column analyst.topic_versions.engine is 'Version of the matcher that read the stored articles for it.';
comment on column analyst.topic_versions.live_at is 'Since when analysts saw its tags.';
comment on column analyst.topic_versions.retired_at is 'Until when; null for now.';

create or replace view analyst.topic_labels as
select distinct on (l.topic_id, l.article_id) l.topic_id as topic, l.article_id, a.language, l.level, coalesce(t.level, 'none') as tagged,
       l.labelled_by, l.labelled_at, l.note
from mediawatch.topic_label l
join mediawatch.article a using (article_id)
left join mediawatch.topic_tagging g on g.topic_id = l.topic_id and g.state = 'live'
left join mediawatch.article_topic t on t.tagging_id = g.tagging_id and t.article_id = l.article_id and t.valid_to is null
order by l.topic_id, l.article_id, l.labelled_at desc, l.label_id desc;
comment on view analyst.topic_labels is 'The newest label of each article, beside its tag.';
comment on column analyst.topic_labels.topic is 'The topic''s short name.';
comment on column analyst.topic_labels.article_id is 'The article.';
comment on column analyst.topic_labels.language is 'Its language.';
comment on column analyst.topic_labels.level is 'What the analyst says: primary, secondary, none or unsure.';
comment on column analyst.topic_labels.tagged is 'What the topic says now: primary, secondary or none.';
comment on column analyst.topic_labels.labelled_by is 'Who says so.';
comment on column analyst.topic_labels.labelled_at is 'When.';
comment on column analyst.topic_labels.note is 'Why.';

create or replace view analyst.topic_quality as
select c.topic, c.language, c.labelled, c.right_tags, c.wrong_tags, c.missed_tags,
       round(p.share, 3) as precision, round(p.low, 3) as precision_low, round(p.high, 3) as precision_high,
       round(r.share, 3) as recall, round(r.low, 3) as recall_low, round(r.high, 3) as recall_high
from (
    select topic, coalesce(language, case when grouping(language) = 1 then 'all' else 'unknown' end) as language, count(*) as labelled,
           count(*) filter (where level <> 'none' and tagged <> 'none') as right_tags,
           count(*) filter (where level = 'none' and tagged <> 'none') as wrong_tags,
           count(*) filter (where level <> 'none' and tagged = 'none') as missed_tags
    from analyst.topic_labels where level <> 'unsure' group by grouping sets ((topic), (topic, language))
) c
cross join lateral (select nullif(right_tags + wrong_tags, 0)::numeric as n, right_tags::numeric as k) pn
cross join lateral (select k / n as share, (k + 1.9208 - 1.96 * sqrt(k * (n - k) / n + 0.9604)) / (n + 3.8416) as low,
                           (k + 1.9208 + 1.96 * sqrt(k * (n - k) / n + 0.9604)) / (n + 3.8416) as high from (select pn.k, pn.n) x) p
cross join lateral (select nullif(right_tags + missed_tags, 0)::numeric as n, right_tags::numeric as k) rn
cross join lateral (select k / n as share, (k + 1.9208 - 1.96 * sqrt(k * (n - k) / n + 0.9604)) / (n + 3.8416) as low,
                           (k + 1.9208 + 1.96 * sqrt(k * (n - k) / n + 0.9604)) / (n + 3.8416) as high from (select rn.k, rn.n) x) r;
comment on view analyst.topic_quality is 'How often each topic is right on the labelled articles, with 95% intervals (Wilson). What was labelled is no random sample: recall speaks of what analysts looked at.';
comment on column analyst.topic_quality.topic is 'The topic''s short name.';
comment on column analyst.topic_quality.language is 'ISO 639-1, unknown, or all.';
comment on column analyst.topic_quality.labelled is 'Articles with a label other than unsure.';
comment on column analyst.topic_quality.right_tags is 'Tagged, and the analyst agrees (primary and secondary count alike).';
comment on column analyst.topic_quality.wrong_tags is 'Tagged, and the analyst says none.';
comment on column analyst.topic_quality.missed_tags is 'Not tagged, and the analyst says primary or secondary.';
comment on column analyst.topic_quality.precision is 'right_tags / (right_tags + wrong_tags).';
comment on column analyst.topic_quality.precision_low is 'Lower end of its 95% interval.';
comment on column analyst.topic_quality.precision_high is 'Upper end of its 95% interval.';
comment on column analyst.topic_quality.recall is 'right_tags / (right_tags + missed_tags).';
comment on column analyst.topic_quality.recall_low is 'Lower end of its 95% interval.';
comment on column analyst.topic_quality.recall_high is 'Upper end of its 95% interval.';

create or replace view analyst.outcomes as
select e.entry_id, src.name as source, e.url, e.title, e.status, e.reason,
       (select o.detail from mediawatch.outcome o where o.entry_id = e.entry_id and o.status <> 'ok'
        order by o.at desc limit 1) as detail,
       e.stage, e.attempts, e.article_id, e.claimed_at, e.first_seen_at, e.settled_at,
       (select case when r.retracted_at is not null then 'retracted' when r.removed_at is not null then 'removed'
                    when r.corrected_at is not null then 'corrected' when r.revisions > 0 then 'revised' end
        from mediawatch.refetch r where e.status = 'loaded' and r.article_id = e.article_id) as since
from mediawatch.entry e
join mediawatch.source src using (source_id);
comment on view analyst.outcomes is 'Every entry that a feed announced and what it came to: divide any count by this.';
comment on column analyst.outcomes.status is 'loaded, dropped (by rule), failed (could not be got), or pending.';
comment on column analyst.outcomes.reason is 'Why not; see docs/outcomes.md.';
comment on column analyst.outcomes.detail is 'What the server or the page said last, when something was wrong.';
comment on column analyst.outcomes.stage is 'The stage that a pending entry waits for; else done.';
comment on column analyst.outcomes.article_id is 'The article; for same_page the one that was there already.';
comment on column analyst.outcomes.since is 'What became of the loaded article since, the gravest of: retracted, removed, corrected, revised; null when nothing did. More in analyst.article_life.';

create or replace view analyst.feeds as
select f.feed_id, src.name as source, f.url, f.title, f.format, f.state, f.interval_s, f.next_poll_at, f.why, f.failures, f.polled_at, f.changed_at,
       p.result as last_result, p.reason as last_reason, p.http_status as last_http_status, p.detail as last_detail,
       (select coalesce(sum(d.entries), 0) from mediawatch.feed_day d where d.feed_id = f.feed_id) as entries
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

create or replace view analyst.feed_changes as
select c.feed_id, src.name as source, f.url, c.at, c.what, c.was, c.becomes, c.why
from mediawatch.feed_change c
join mediawatch.feed f using (feed_id)
join mediawatch.source src using (source_id);
comment on view analyst.feed_changes is 'The history of each feed: when its state, its URL or the trust in its server changed, and why.';
comment on column analyst.feed_changes.url is 'Its URL now.';
comment on column analyst.feed_changes.what is 'state, url, validators (no longer believed), merged (another feed has its place), credential (the name of the secret).';
comment on column analyst.feed_changes.was is 'Before; for merged its own URL.';
comment on column analyst.feed_changes.becomes is 'After; for merged the URL of the feed that stays.';

create or replace view analyst.entry_changes as
select c.entry_id, src.name as source, e.url, f.url as feed, c.at, c.what, c.was, c.becomes
from mediawatch.entry_change c
join mediawatch.entry e using (entry_id)
join mediawatch.feed f on f.feed_id = c.feed_id
join mediawatch.source src on src.source_id = e.source_id;
comment on view analyst.entry_changes is 'What feeds changed about an entry after they had announced it.';
comment on column analyst.entry_changes.url is 'As first announced.';
comment on column analyst.entry_changes.what is 'title; updated: the feed dates its last change anew; url: the same guid came with another URL, which is an entry of its own.';

create or replace view analyst.feed_gaps as
select g.feed_id, src.name as source, f.url, g.from_at, g.to_at, g.to_at - g.from_at as lasted,
       make_interval(secs => g.interval_s) as usual_interval, g.failures, g.possibly_missed
from mediawatch.feed_gap g
join mediawatch.feed f using (feed_id)
join mediawatch.source src using (source_id)
union all
select f.feed_id, src.name, f.url, f.answered_at, null, now() - f.answered_at, make_interval(secs => f.interval_s), f.failures, null
from mediawatch.feed f
join mediawatch.source src using (source_id)
where f.state = 'active' and f.answered_at + make_interval(secs => f.interval_s + greatest(f.interval_s, 900)) < now();
comment on view analyst.feed_gaps is 'Times in which a feed gave no answer for more than two of its intervals (and at least 15 minutes more than one): join them to any count over time.';
comment on column analyst.feed_gaps.from_at is 'Last answer before it.';
comment on column analyst.feed_gaps.to_at is 'First answer after it; null while it lasts.';
comment on column analyst.feed_gaps.failures is 'Failed polls in it; 0 when nobody asked (mediawatch was down, or the feed was paused).';
comment on column analyst.feed_gaps.possibly_missed is 'The first body after it held nothing that the feed had announced before: entries may have come and gone unseen. Null while it lasts.';

create or replace view analyst.feed_rhythm as
select f.feed_id, src.name as source, f.url, r.last_new_at, make_interval(secs => r.usual_s) as usual_gap, make_interval(secs => r.longest_s) as longest_gap,
       make_interval(secs => greatest(86400, 4 * r.usual_s, least(r.longest_s, 4 * 86400))) as quiet_limit
from mediawatch.feed f
join mediawatch.source src using (source_id)
left join lateral (
    select max(at) as last_new_at,
           case when count(gap_s) >= 3 then percentile_cont(0.5) within group (order by gap_s) end as usual_s,
           case when count(gap_s) >= 3 then max(gap_s) end as longest_s
    from (select at, extract(epoch from at - lag(at) over (order by at)) as gap_s
          from (select n.announced_at as at from mediawatch.entry_announcement n where n.feed_id = f.feed_id
                group by n.announced_at order by n.announced_at desc limit 300) t) g) r on true;
comment on view analyst.feed_rhythm is 'How often a feed brings something new, by its last 300 polls that did.';
comment on column analyst.feed_rhythm.last_new_at is 'Last poll that announced something new; null when none did.';
comment on column analyst.feed_rhythm.usual_gap is 'Median time between such polls; null until there were four.';
comment on column analyst.feed_rhythm.longest_gap is 'Longest time between two of them.';
comment on column analyst.feed_rhythm.quiet_limit is 'Longer without anything new is silence: a day, four usual gaps, or as long as it has been quiet before (of that up to four days), whichever is longest.';

create or replace view analyst.silent_feeds as
select r.feed_id, r.source, r.url, r.last_new_at, now() - coalesce(r.last_new_at, f.created_at) as silent_for, r.usual_gap, r.quiet_limit, f.answered_at
from analyst.feed_rhythm r
join mediawatch.feed f using (feed_id)
where f.state = 'active' and f.failures = 0 and f.answered_at is not null
  and coalesce(f.changed_at, '-infinity') < now() - interval '1 day'  -- for speed: no quiet_limit is shorter
  and now() - coalesce(r.last_new_at, f.created_at) > case when r.last_new_at is null then interval '7 days' else greatest(r.quiet_limit, 4 * r.usual_gap) end
  and (r.last_new_at is null or r.usual_gap is not null);
comment on view analyst.silent_feeds is 'Active feeds that answer and bring nothing new, for much longer than their rhythm, or never brought anything in a week.';
comment on column analyst.silent_feeds.silent_for is 'Since the last poll that announced something new.';
comment on column analyst.silent_feeds.answered_at is 'Its last answer: it does answer.';

create or replace view analyst.feed_coverage as  -- what a query does not ask for is not computed: hence the subqueries
select f.feed_id, src.name as source, f.url, d.day, coalesce(t.polls, 0)::bigint as polls, coalesce(t.ok_polls, 0)::bigint as ok_polls,
       coalesce(t.entries, 0)::bigint as entries,
       (select case when count(*) >= 3 then percentile_cont(0.5) within group (order by x.entries) end
        from mediawatch.feed_day x
        where x.feed_id = f.feed_id and x.day between d.day - 28 and d.day - 1 and x.ok_polls > 0 and x.day <> (f.created_at at time zone 'UTC')::date) as expected,
       greatest(t.longest_gap, d.ends_at - coalesce(t.last_ok_at, (
           select x.last_ok_at from mediawatch.feed_day x
           where x.feed_id = f.feed_id and x.day < d.day and x.last_ok_at is not null order by x.day desc limit 1))) as longest_gap,
       coalesce(t.ok_polls, 0) > 0 and coalesce(d.ends_at - coalesce(t.last_new_at, (
           select x.last_new_at from mediawatch.feed_day x
           where x.feed_id = f.feed_id and x.day < d.day and x.last_new_at is not null order by x.day desc limit 1))
           > (select r.quiet_limit from analyst.feed_rhythm r where r.feed_id = f.feed_id and r.usual_gap is not null), false) as silent
from mediawatch.feed f
join mediawatch.source src using (source_id)
cross join lateral (
    select day::date, least((day + interval '1 day') at time zone 'UTC', now()) as ends_at
    from generate_series(date_trunc('day', greatest(f.created_at, now() - interval '90 days') at time zone 'UTC'), now() at time zone 'UTC', interval '1 day') day) d
left join mediawatch.feed_day t on t.feed_id = f.feed_id and t.day = d.day;
comment on view analyst.feed_coverage is 'What each feed brought on each of the last 90 days (UTC), and what it was expected to bring.';
comment on column analyst.feed_coverage.ok_polls is 'Polls that were answered with a feed, changed or not.';
comment on column analyst.feed_coverage.entries is 'Entries that the feed announced for the first time.';
comment on column analyst.feed_coverage.expected is 'Median of the 28 days before, of those on which it answered; its first day, which brings its backlog, is left out. Null until there are three.';
comment on column analyst.feed_coverage.longest_gap is 'Longest time without an answer that ended on that day or lasted at its end.';
comment on column analyst.feed_coverage.silent is 'It answered, and had brought nothing new for longer than its quiet_limit (analyst.feed_rhythm).';

create or replace view analyst.source_coverage as
select source, day, count(*) as feeds, count(*) filter (where ok_polls > 0) as answering, count(*) filter (where silent) as silent,
       sum(polls)::bigint as polls, sum(ok_polls)::bigint as ok_polls, sum(entries)::bigint as entries, sum(expected) as expected, max(longest_gap) as longest_gap
from analyst.feed_coverage group by 1, 2;
comment on view analyst.source_coverage is 'The same for each source: its feeds added up. An entry that two of its feeds announce counts twice, here and in what is expected.';
comment on column analyst.source_coverage.answering is 'Feeds that answered on that day.';
comment on column analyst.source_coverage.silent is 'Feeds that answered and have gone silent.';

create or replace view analyst.story_redirects as
select story_id, into_story_id, at from mediawatch.story_redirect;
comment on view analyst.story_redirects is 'Stories that were found to be another one: an old story_id leads to the one that has its articles now.';

create or replace view analyst.revisions as
select r.article_id, a.story_id, src.name as source, a.url, r.version, r.kind, r.found_at, r.seen_before_at, r.modified_at,
       r.title_was <> r.title as title_changed, r.title_was, r.title, r.share_changed, r.words_added, r.words_removed, r.notice, r.diff, r.text_was
from mediawatch.revision r
join mediawatch.article a using (article_id)
join mediawatch.source src using (source_id);
comment on view analyst.revisions is 'Every change of an article''s title or text that was found after it was loaded: when, what, and how much.';
comment on column analyst.revisions.article_id is 'The article, as in analyst.articles, which has the newest version.';
comment on column analyst.revisions.story_id is 'The story that it belongs to.';
comment on column analyst.revisions.source is 'Publisher.';
comment on column analyst.revisions.url is 'Address of the article.';
comment on column analyst.revisions.version is 'The version that it made; 1 is the article as it was first loaded.';
comment on column analyst.revisions.kind is 'edit; correction or retraction when the new version says so of itself and the one before did not.';
comment on column analyst.revisions.found_at is 'The fetch that found it.';
comment on column analyst.revisions.seen_before_at is 'The last fetch that found the version before: the change was made between the two.';
comment on column analyst.revisions.modified_at is 'Last change that the page itself states; silent edits leave it as it was.';
comment on column analyst.revisions.title_changed is 'Whether the title changed.';
comment on column analyst.revisions.title_was is 'Title before.';
comment on column analyst.revisions.title is 'Title since.';
comment on column analyst.revisions.share_changed is '0..1; words taken out and put in, of the words of both versions together.';
comment on column analyst.revisions.words_added is 'Words put in.';
comment on column analyst.revisions.words_removed is 'Words taken out.';
comment on column analyst.revisions.notice is 'The words of the correction or retraction.';
comment on column analyst.revisions.diff is 'The changed paragraphs, numbered as in the newer version, with [-what was taken out-]{+what was put in+}.';
comment on column analyst.revisions.text_was is 'The whole text before.';

create or replace view analyst.article_changes as
select c.article_id, src.name as source, a.url, a.title, c.at, c.what, c.reason, c.detail, c.version
from mediawatch.article_change c
join mediawatch.article a using (article_id)
join mediawatch.source src using (source_id);
comment on view analyst.article_changes is 'The history of articles after they were loaded: revisions, corrections, retractions, removals.';
comment on column analyst.article_changes.article_id is 'The article.';
comment on column analyst.article_changes.source is 'Publisher.';
comment on column analyst.article_changes.url is 'Its address.';
comment on column analyst.article_changes.title is 'Its title now.';
comment on column analyst.article_changes.at is 'The fetch that found it.';
comment on column analyst.article_changes.what is 'revised; corrected, retracted (it says so of itself); removed (404 twice, 410, or led to the front page twice); returned; replaced (its address has another page now).';
comment on column analyst.article_changes.reason is 'Of a removal: not_found, gone or redirects.';
comment on column analyst.article_changes.detail is 'The words of the notice, or what the server said.';
comment on column analyst.article_changes.version is 'The version that it led to; 1 when the article said so when it was loaded.';

create or replace view analyst.article_life as
select r.article_id, a.story_id, src.name as source, a.url, a.title,
       case when r.removed_at is not null then 'removed' when c.result in ('missing', 'replaced', 'unreadable', 'failed') then c.result else 'online' end as state,
       c.reason, r.revisions, r.revised_at, r.corrected_at, r.retracted_at, r.removed_at,
       r.checks, r.checked_at, c.result as last_result, r.due_at as next_check_at, r.why
from mediawatch.refetch r
join mediawatch.article a using (article_id)
join mediawatch.source src using (source_id)
left join mediawatch.page_check c on (c.article_id, c.number) = (r.article_id, r.checks);
comment on view analyst.article_life is 'What became of each loaded article since: one row an article.';
comment on column analyst.article_life.article_id is 'The article.';
comment on column analyst.article_life.story_id is 'The story that it belongs to.';
comment on column analyst.article_life.source is 'Publisher.';
comment on column analyst.article_life.url is 'Its address.';
comment on column analyst.article_life.title is 'Its title now.';
comment on column analyst.article_life.state is 'At the last check: online; removed; missing (once, to be confirmed); replaced (another page has its address); unreadable (no article text in it); failed (no answer).';
comment on column analyst.article_life.reason is 'Outcome reason of a check that did not find it.';
comment on column analyst.article_life.revisions is 'Changes of title or text so far; each is a row of analyst.revisions.';
comment on column analyst.article_life.revised_at is 'When the last one was found.';
comment on column analyst.article_life.corrected_at is 'When it was first found to carry a correction; null when it does not.';
comment on column analyst.article_life.retracted_at is 'When it was first found to be retracted; null when it was not.';
comment on column analyst.article_life.removed_at is 'When it was first found to be gone; null while it is there.';
comment on column analyst.article_life.checks is 'Refetches so far.';
comment on column analyst.article_life.checked_at is 'The last one.';
comment on column analyst.article_life.last_result is 'What it found: not_modified, same_body, same_text, revised, replaced, unreadable, missing, failed; first before any.';
comment on column analyst.article_life.next_check_at is 'When it is asked for again; null when no more.';
comment on column analyst.article_life.why is 'Why then.';

create or replace view analyst.page_checks as
select c.article_id, a.url, c.number, c.at, c.result, c.reason, c.detail, c.http_status, c.size_bytes, c.warc_file, c.warc_offset
from mediawatch.page_check c
join mediawatch.article a using (article_id);
comment on view analyst.page_checks is 'The log of fetches of each article''s page, with the place of each answer in the archive.';
comment on column analyst.page_checks.article_id is 'The article.';
comment on column analyst.page_checks.url is 'Its address.';
comment on column analyst.page_checks.number is '0 for the first fetch, then counted.';
comment on column analyst.page_checks.at is 'When the answer came.';
comment on column analyst.page_checks.result is 'first, not_modified (304), same_body, same_text (other bytes), revised, changed (not read yet), replaced, unreadable, missing, failed.';
comment on column analyst.page_checks.reason is 'Outcome reason of what is unreadable, missing or failed.';
comment on column analyst.page_checks.detail is 'What the server or the page said.';
comment on column analyst.page_checks.http_status is 'Status of the last answer.';
comment on column analyst.page_checks.size_bytes is 'Bytes of the decompressed body.';
comment on column analyst.page_checks.warc_file is 'WARC file of the answer, relative to the archive''s root; a revisit record when nothing had changed.';
comment on column analyst.page_checks.warc_offset is 'Byte offset of its record.';
comment on column analyst.story_redirects.story_id is 'The id that is no longer used.';
comment on column analyst.story_redirects.into_story_id is 'The story that has its articles now.';
comment on column analyst.story_redirects.at is 'When they were found to be one.';

create or replace view analyst.alerts as
select a.alert_id, a.rule, r.kind, a.key, a.state, a.title, a.why, a.facts, a.first_at, a.last_at, a.resolved_at, a.acked_at, a.acked_by,
       (select min(d.sent_at) from mediawatch.alert_delivery d where d.alert_id = a.alert_id) as delivered_at
from mediawatch.alert a join mediawatch.alert_rule r using (rule);
comment on view analyst.alerts is 'What the alert rules found: busy topics, new events, silent feeds, missing coverage, failures, late runs.';
comment on column analyst.alerts.alert_id is 'Its id.';
comment on column analyst.alerts.rule is 'The rule that found it.';
comment on column analyst.alerts.kind is 'topic_volume, new_event, feed_silent, coverage_below, failure_share_above or run_late.';
comment on column analyst.alerts.key is 'What it is of: a rule has one alert of the same key.';
comment on column analyst.alerts.state is 'firing: it holds; resolved: it held.';
comment on column analyst.alerts.title is 'What happened, in one line.';
comment on column analyst.alerts.why is 'The numbers behind it, in words.';
comment on column analyst.alerts.facts is 'The numbers behind it.';
comment on column analyst.alerts.first_at is 'When it was first found.';
comment on column analyst.alerts.last_at is 'When it was last found.';
comment on column analyst.alerts.resolved_at is 'When it was no longer found; null while it fires.';
comment on column analyst.alerts.acked_at is 'When a person said that it is known.';
comment on column analyst.alerts.acked_by is 'Who said so.';
comment on column analyst.alerts.delivered_at is 'When the first channel took it; null when none has.';

create or replace view analyst.volume as
select v.day, src.name as source, v.language, v.articles, v.stories
from mediawatch.volume v
join mediawatch.source src using (source_id)
where v.topic_id is null;
comment on view analyst.volume is 'All articles counted by day, source and language: what every share is a share of.';
comment on column analyst.volume.day is 'The day of publication, as published_on in analyst.articles; null when it is not known.';
comment on column analyst.volume.source is 'Publisher.';
comment on column analyst.volume.language is 'ISO 639-1; null when it cannot be told.';
comment on column analyst.volume.articles is 'Articles: every copy counts.';
comment on column analyst.volume.stories is 'Articles that stand for their story: what was written, each story once, on the day of its canonical article.';

create or replace view analyst.topic_volume as
select v.day, v.topic_id as topic, src.name as source, v.language, v.articles, v.main as primary_articles, v.stories
from mediawatch.volume v
join mediawatch.source src using (source_id)
where v.topic_id is not null;
comment on view analyst.topic_volume is 'The articles of each topic counted by day, source and language; add up articles or stories, or count the sources for outlets.';
comment on column analyst.topic_volume.day is 'The day of publication, as published_on in analyst.articles; null when it is not known.';
comment on column analyst.topic_volume.topic is 'The topic, as it tags now.';
comment on column analyst.topic_volume.source is 'Publisher: count(distinct source) are the outlets.';
comment on column analyst.topic_volume.language is 'ISO 639-1; null when it cannot be told.';
comment on column analyst.topic_volume.articles is 'Articles on the topic: every copy counts.';
comment on column analyst.topic_volume.primary_articles is 'Of these, those whose main subject it is.';
comment on column analyst.topic_volume.stories is 'Of these, those that stand for their story: each story once, on the day of its canonical article.';

create or replace view analyst.arrivals as
select hour, status, reason, sum(entries) as entries from mediawatch.arrival group by 1, 2, 3 having sum(entries) <> 0;
comment on view analyst.arrivals is 'What feeds announced by hour, and what it came to.';
comment on column analyst.arrivals.hour is 'The hour in which a feed first announced it to mediawatch; its beginning.';
comment on column analyst.arrivals.status is 'pending, loaded, dropped or failed, as of now.';
comment on column analyst.arrivals.reason is 'Why dropped or failed; the reasons are in docs/outcomes.md.';
comment on column analyst.arrivals.entries is 'How many.';

create or replace view analyst.lags as
select mediawatch.utc_hour(a.loaded_at) as hour, count(*) as articles,
       percentile_disc(0.5) within group (order by a.loaded_at - a.first_seen_at) as from_seen,
       percentile_disc(0.5) within group (order by a.loaded_at - a.published_at) filter (where a.published_precision <> 'day') as from_published,
       percentile_disc(0.95) within group (order by a.loaded_at - a.published_at) filter (where a.published_precision <> 'day') as from_published_95
from mediawatch.article a
where a.loaded_at is not null
group by mediawatch.utc_hour(a.loaded_at);
comment on view analyst.lags is 'How long articles took to become visible here, by the hour in which they did.';
comment on column analyst.lags.hour is 'Its beginning.';
comment on column analyst.lags.articles is 'Articles loaded in it.';
comment on column analyst.lags.from_seen is 'Median time from the first announcement in a feed.';
comment on column analyst.lags.from_published is 'Median time from publication, of those whose time of day is known.';
comment on column analyst.lags.from_published_95 is 'The time that 19 of 20 of these did not exceed.';

create or replace view analyst.sources as
select s.name as source, s.homepage, s.tags, s.created_at as subscribed_at, (select count(*) from mediawatch.feed f where f.source_id = s.source_id) as feeds
from mediawatch.source s;
comment on view analyst.sources is 'Publishers, with the labels that came with their subscription.';
comment on column analyst.sources.source is 'The name that people know it by.';
comment on column analyst.sources.homepage is 'Its front page.';
comment on column analyst.sources.tags is 'Labels: OPML folders and categories, e.g. a country, wire.';
comment on column analyst.sources.subscribed_at is 'When it was first subscribed to: before, nothing of it was seen.';
comment on column analyst.sources.feeds is 'Its feeds.';

create or replace view analyst.saved_queries as
select name, query, owner, note, saved_at from mediawatch.saved_query;
comment on view analyst.saved_queries is 'Queries that people keep; `mediawatch export --saved NAME` writes what one answers.';
comment on column analyst.saved_queries.name is 'What it is called by.';
comment on column analyst.saved_queries.query is 'The SQL.';
comment on column analyst.saved_queries.owner is 'Who saved it.';
comment on column analyst.saved_queries.note is 'What it is for.';
comment on column analyst.saved_queries.saved_at is 'When it was last saved.';
