-- name: insert_sketches — what is kept of new texts
insert into sketch (article_id, generation_id, rank, keys, shingles, positions, terms, words, exact)
values %s
on conflict (article_id) do update set generation_id = excluded.generation_id, rank = excluded.rank, keys = excluded.keys,
    shingles = excluded.shingles, positions = excluded.positions, terms = excluded.terms, words = excluded.words, exact = excluded.exact
returning article_id;

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
    shared = excluded.shared, covered_a = excluded.covered_a, covered_b = excluded.covered_b, part = excluded.part
returning article_a;

-- name: serialise_grouping — groups are decided one batch at a time, on what all batches have committed
select pg_advisory_xact_lock(28003);

-- name: component — all articles that links lead to from these
with recursive reached (article_id) as (
    select unnest(%(article_ids)s::int[])
    union
    select case when l.article_a = r.article_id then l.article_b else l.article_a end
    from reached r join story_link l on r.article_id in (l.article_a, l.article_b) where l.kind <> 'shares_text')
select a.article_id, a.story_id, a.word_count, a.published_at, a.published_origin, a.source_id, s.words, s.terms
from article a join sketch s using (article_id)
where a.article_id = any(array(select article_id from reached)) order by a.article_id;

-- name: links — the links among these articles
select article_a, article_b, kind, score, shared, covered_a, covered_b, part from story_link
where article_a = any(%(article_ids)s) and article_b = any(%(article_ids)s) order by article_a, article_b;

-- name: create — new, empty stories, as many as asked for
insert into story (articles) select 0 from generate_series(1, %(count)s) returning story_id;

-- name: assign — put articles into stories
with v (article_id, story_id) as (values %s)
update article a set story_id = v.story_id from v where a.article_id = v.article_id and a.story_id is distinct from v.story_id
returning a.article_id;

-- name: redirect — stories whose articles have all gone to another one
with v (story_id, into_story_id) as (values %s)
insert into story_redirect (story_id, into_story_id) select story_id, into_story_id from v
on conflict (story_id) do update set into_story_id = excluded.into_story_id
returning story_id;

-- name: refresh — counts and canonical article of stories, over the loaded members: earliest published, longest text on a tie
with member as (
    select story_id, article_id, source_id, published_at,
           row_number() over (partition by story_id order by published_at nulls last, word_count desc, article_id) as place
    from article where story_id = any(%(story_ids)s) and loaded_at is not null),
total as (
    select s.story_id, count(m.article_id) as articles, count(distinct m.source_id) as sources,
           min(m.published_at) as first_at, max(m.published_at) as last_at, max(m.article_id) filter (where m.place = 1) as canonical
    from unnest(%(story_ids)s::int[]) as s (story_id) left join member m using (story_id) group by 1)
update story set articles = total.articles, sources = total.sources, first_published_at = total.first_at,
    last_published_at = total.last_at, canonical_article_id = total.canonical, updated_at = clock_timestamp()
from total where story.story_id = total.story_id;
