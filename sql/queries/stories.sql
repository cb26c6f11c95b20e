-- name: insert_sketches — what is kept of new texts
insert into sketch (article_id, generation_id, rank, keys, shingles, positions, terms, words, exact)
values %s
on conflict (article_id) do update set generation_id = excluded.generation_id, rank = excluded.rank, keys = excluded.keys,
    shingles = excluded.shingles, positions = excluded.positions, terms = excluded.terms, words = excluded.words, exact = excluded.exact;

-- name: insert_keys — put articles into the candidate index; commit before asking it, or two workers miss each other
insert into story_key (key, rank)
select key, rank from sketch, unnest(keys) as key where article_id = any(%(article_ids)s) order by key, rank
on conflict do nothing;

-- name: candidates — for each article the few that share the most keys with it; which of many are looked at hangs on their rank, not on when they came
with shared as (
    select s.article_id, s.generation_id, c.rank, count(*) as keys
    from sketch s, unnest(s.keys) as k (key),
         lateral (select rank from story_key where key = k.key and rank <> s.rank order by rank limit %(per_key)s) c
    where s.article_id = any(%(article_ids)s)
    group by 1, 2, 3
    having count(*) >= %(least)s),
ranked as (
    select *, row_number() over (partition by article_id order by keys desc, rank) as place from shared)
select r.article_id, c.article_id as candidate_id
from ranked r join sketch c on c.rank = r.rank and c.generation_id = r.generation_id
where r.place <= %(most)s;

-- name: sketches — sketches by article
select article_id, keys, shingles, positions, terms, words, exact from sketch where article_id = any(%(article_ids)s);

-- name: insert_links — pairs that share text; the same pair again says the same
insert into story_link (article_a, article_b, generation_id, kind, score, shared, covered_a, covered_b, part) values %s
on conflict (article_a, article_b) do update set generation_id = excluded.generation_id, kind = excluded.kind, score = excluded.score,
    shared = excluded.shared, covered_a = excluded.covered_a, covered_b = excluded.covered_b, part = excluded.part;

-- name: serialise_grouping — groups are decided one batch at a time, on what all batches have committed
select pg_advisory_xact_lock(28003);

-- name: component — all articles that links and verdicts lead to from these
with recursive reached (article_id) as (
    select unnest(%(article_ids)s::int[])
    union
    select n.article_id from reached r, lateral (
        select l.article_b as article_id from story_link l where l.article_a = r.article_id and l.kind <> 'shares_text'
        union all
        select l.article_a from story_link l where l.article_b = r.article_id and l.kind <> 'shares_text'
        union all
        select case when v.article_a = r.article_id then v.article_b else v.article_a end from story_verdict v
        where r.article_id in (v.article_a, v.article_b)) n)
select a.article_id, a.story_id, a.published_at, a.published_precision, a.published_origin, a.source_id, s.words, s.terms, s.rank,
       coalesce(y.is_agency, false) as is_agency
from article a join sketch s using (article_id) left join syndication y using (article_id)
where a.article_id = any(array(select article_id from reached)) order by a.article_id;

-- name: verdicts — what people said of pairs of these articles
select article_a, article_b, same from story_verdict
where article_a = any(%(article_ids)s) and article_b = any(%(article_ids)s) order by article_a, article_b;

-- name: say — what a person says of two articles; the last word counts
insert into story_verdict (article_a, article_b, same, author, note)
values (least(%(a)s, %(b)s), greatest(%(a)s, %(b)s), %(same)s, %(author)s, %(note)s)
on conflict (article_a, article_b) do update set same = excluded.same, author = excluded.author, note = excluded.note, said_at = excluded.said_at
returning article_a;

-- name: unsay — take a verdict back
delete from story_verdict where article_a = least(%(a)s, %(b)s) and article_b = greatest(%(a)s, %(b)s) returning article_a;

-- name: links — the links among these articles
select article_a, article_b, kind, score, shared, covered_a, covered_b, part from story_link
where article_a = any(%(article_ids)s) and article_b = any(%(article_ids)s) order by article_a, article_b;

-- name: create — new, empty stories, as many as asked for
insert into story (articles) select 0 from generate_series(1, %(count)s) returning story_id;

-- name: assign — put articles into stories
with v (article_id, story_id) as (values %s)
update article a set story_id = v.story_id from v where a.article_id = v.article_id and a.story_id is distinct from v.story_id;

-- name: redirect — stories whose articles have all gone to another one
with v (story_id, into_story_id) as (values %s)
insert into story_redirect (story_id, into_story_id) select story_id, into_story_id from v
on conflict (story_id) do update set into_story_id = excluded.into_story_id;

-- name: refresh — counts, agency and canonical article of stories, over the loaded members: an agency's own, then the earliest by a time that the page states, the longest on a tie
with member as (
    select a.story_id, a.article_id, a.source_id, a.published_at, y.agency, coalesce(y.is_agency, false) as is_agency,
           row_number() over (partition by a.story_id order by coalesce(y.is_agency, false) desc,
               -- a day says no time: within its day it comes after the articles that have one
               case when a.published_origin = 'feed' then null when a.published_precision = 'day' then a.published_at + interval '86399 seconds'
                    else a.published_at end nulls last, a.word_count desc, a.url_key) as place
    from article a left join syndication y using (article_id)
    where a.story_id = any(%(story_ids)s) and a.loaded_at is not null),
named as (
    select distinct on (story_id) story_id, agency from member where agency is not null
    group by story_id, agency order by story_id, bool_or(is_agency) desc, count(*) desc, agency),
total as (
    select s.story_id, count(m.article_id) as articles, count(distinct m.source_id) as sources,
           min(m.published_at) as first_at, max(m.published_at) as last_at, max(m.article_id) filter (where m.place = 1) as canonical
    from unnest(%(story_ids)s::int[]) as s (story_id) left join member m using (story_id) group by 1)
update story set articles = total.articles, sources = total.sources, first_published_at = total.first_at,
    last_published_at = total.last_at, canonical_article_id = total.canonical, agency = named.agency, updated_at = clock_timestamp()
from total left join named using (story_id) where story.story_id = total.story_id;

-- name: note_agencies — which agencies articles name
insert into syndication (article_id, generation_id, agency, is_agency, evidence) values %s
on conflict (article_id) do update set generation_id = excluded.generation_id, agency = excluded.agency,
    is_agency = excluded.is_agency, evidence = excluded.evidence;

-- name: furniture — lines that so many stories of these sources carry
select source_id, line from furniture
where source_id = any(%(source_ids)s) and line = any(%(lines)s) and cardinality(stories) >= %(least)s;

-- name: note_lines — which stories carry which lines, up to as many as make furniture
insert into furniture as f (source_id, line, stories, seen_at)
select source_id, line, (array_agg(distinct story_id))[:%(least)s], clock_timestamp()
from unnest(%(source_ids)s::int[], %(lines)s::bigint[], %(story_ids)s::int[]) v (source_id, line, story_id) group by 1, 2 order by 1, 2
on conflict (source_id, line) do update set seen_at = excluded.seen_at,
    stories = case when cardinality(f.stories) >= %(least)s then f.stories else
        (select array_agg(story) from (select distinct unnest(f.stories || excluded.stories) as story limit %(least)s) s) end;

-- name: article — the loaded article of an id, at a URL, or that a URL announced by a feed led to
select a.article_id, a.story_id, a.title, a.text, a.url, s.name as source
from article a join source s using (source_id)
where a.loaded_at is not null and (a.article_id = %(article_id)s or a.url_key = %(url_key)s
    or a.article_id in (select article_id from entry where md5(url) = md5(%(url)s) and url = %(url)s))
limit 1;

-- name: head — a story's id and agency
select story_id, agency from story where story_id = %(story_id)s;

-- name: event — the event of a story
select e.event_id, e.title from story s join event e using (event_id) where s.story_id = %(story_id)s;

-- name: members — the loaded articles of a story, the canonical one first
select a.article_id, a.title, a.url, src.name as source, a.published_at, a.published_precision, a.published_origin, a.word_count,
       a.article_id = s.canonical_article_id as is_canonical, coalesce(y.evidence, '[]') as evidence
from article a join source src using (source_id) join story s using (story_id) left join syndication y using (article_id)
where a.story_id = %(story_id)s and a.loaded_at is not null
order by is_canonical desc, a.published_at, a.article_id;

-- name: verdicts_on — what people said of any of these articles
select article_a, article_b, same, author, note, said_at from story_verdict
where article_a = any(%(article_ids)s) or article_b = any(%(article_ids)s) order by said_at;

-- name: agencies — sources that their subscriptions call an agency
select name, homepage from source where tags && %(tags)s::text[] order by name;
