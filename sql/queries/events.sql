-- name: stories — the stories of articles
select distinct story_id from article where article_id = any(%(article_ids)s) and story_id is not null order by 1;

-- name: to_read — stories of these articles whose terms were not read yet, or from an article that is not their longest
with longest as (
    select distinct on (a.story_id) a.story_id, a.article_id, a.title, a.text, a.language
    from article a
    where a.story_id = any(array(select story_id from article where article_id = any(%(article_ids)s)))
    order by a.story_id, a.word_count desc, a.url_key)
select l.*, (select min(coalesce(a.published_at, a.claimed_at, a.first_seen_at)) from article a where a.story_id = l.story_id) as at
from longest l left join story_terms t using (story_id)
where t.article_id is distinct from l.article_id or t.stale order by l.story_id;

-- name: counted — those of these stories whose terms are in the counts already
select story_id from story_terms where story_id = any(%(story_ids)s);

-- name: insert_terms — what stories are about
insert into story_terms (story_id, article_id, generation_id, terms, weights, days, language, at) values %s
on conflict (story_id) do update set article_id = excluded.article_id, generation_id = excluded.generation_id, terms = excluded.terms,
    weights = excluded.weights, days = excluded.days, language = excluded.language, at = excluded.at, stale = false;

-- name: insert_index — put stories into the index of events
insert into story_term (term, story_id)
select term, story_id from unnest(%(terms)s::int[], %(story_ids)s::int[]) v (term, story_id) on conflict do nothing;

-- name: candidates — for each of these stories the ones that share the most telling terms with it
with asked (story_id, term) as (select unnest(%(story_ids)s::int[]), unnest(%(terms)s::int[])),
shared as (
    select a.story_id, c.story_id as candidate_id, count(*) as terms
    from asked a, lateral (select story_id from story_term where term = a.term and story_id <> a.story_id
                           order by story_id desc limit %(per_term)s) c
    group by 1, 2
    having count(*) >= %(least)s)
select story_id, candidate_id from (
    select *, row_number() over (partition by story_id order by terms desc, candidate_id desc) as place from shared) ranked
where place <= %(most)s order by 1, 2;

-- name: terms — what these stories are about
select story_id, terms, weights, days, language, at from story_terms where story_id = any(%(story_ids)s);

-- name: neighbours — these stories with what they are about, and the newest of each event that one of them is in
with own as (
    select s.story_id, s.event_id from story s where s.story_id = any(%(story_ids)s)),
others as (
    select n.story_id, n.event_id from (select distinct event_id from own where event_id is not null) e,
         lateral (select story_id, event_id from story where event_id = e.event_id and story_id <> all(%(story_ids)s)
                  order by story_id desc limit %(per_event)s) n)
select n.story_id, n.event_id, t.terms, t.weights, t.days, t.language, t.at, a.title
from (select * from own union all select * from others) n join story_terms t using (story_id) join article a using (article_id)
order by n.story_id;

-- name: counts — how many stories of a language hold each term
select stories, counts from term_count where language = %(language)s;

-- name: save_counts — the same, after more stories
insert into term_count (language, stories, counts) values (%(language)s, %(stories)s, %(counts)s)
on conflict (language) do update set stories = excluded.stories, counts = excluded.counts;

-- name: create — new, empty events, as many as asked for
insert into event (title) select '' from generate_series(1, %(count)s) returning event_id;

-- name: assign — put stories into events
with v (story_id, event_id) as (values %s)
update story s set event_id = v.event_id from v where s.story_id = v.story_id and s.event_id is distinct from v.event_id;

-- name: redirect — events whose stories have all gone; of a large one the oldest, which were not looked at, may be there still
with v (event_id, into_event_id) as (values %s)
insert into event_redirect (event_id, into_event_id) select event_id, into_event_id from v
where not exists (select from story s where s.event_id = v.event_id)
on conflict (event_id) do update set into_event_id = excluded.into_event_id;

-- name: note_changes — stories that went from one event to another
insert into event_change (event_id, into_event_id, what, stories) values %s;

-- name: label — what events are called
with v (event_id, title, terms) as (values %s)
update event e set title = v.title, terms = v.terms::text[] from v where e.event_id = v.event_id and (e.title, e.terms) is distinct from (v.title, v.terms::text[]);

-- name: forget_redirected — stories that became one of these leave their event; which they leave
with gone as (
    select s.story_id, s.event_id from story s join story_redirect r using (story_id)
    where r.into_story_id = any(%(story_ids)s) and s.event_id is not null
      and not exists (select from article a where a.story_id = s.story_id)),
unread as (delete from story_terms t using gone where t.story_id = gone.story_id),
left_event as (update story s set event_id = null from gone where s.story_id = gone.story_id)
select distinct event_id from gone;

-- name: refresh — counts of the events of these stories, over loaded articles; found by story, or a planner that does not know the tables yet reads all articles for each event
with total as (
    select e.event_id, count(s.story_id) as stories, coalesce(sum(s.articles), 0) as articles,
           (select count(distinct a.source_id) from story o
            cross join lateral (select source_id from article where story_id = o.story_id and loaded_at is not null offset 0) a
            where o.event_id = e.event_id) as sources,
           min(s.first_published_at) as first_at, max(s.last_published_at) as last_at
    from (select distinct event_id from story where story_id = any(%(story_ids)s) and event_id is not null
          union select unnest(%(event_ids)s::int[])) e
    left join story s on s.event_id = e.event_id and s.articles > 0
    group by 1)
update event set stories = total.stories, articles = total.articles, sources = total.sources, first_published_at = total.first_at,
    last_published_at = total.last_at, updated_at = clock_timestamp()
from total where event.event_id = total.event_id
  and (event.stories, event.articles, event.sources, event.first_published_at, event.last_published_at)
      is distinct from (total.stories, total.articles, total.sources, total.first_at, total.last_at);

-- name: members — the newest stories of these events with what they are about
select n.story_id, n.event_id, t.terms, t.weights, t.days, t.language, t.at, a.title
from unnest(%(event_ids)s::int[]) e (event_id),
     lateral (select story_id, event_id from story where event_id = e.event_id order by story_id desc limit %(per_event)s) n
join story_terms t using (story_id) join article a using (article_id) order by n.story_id;
