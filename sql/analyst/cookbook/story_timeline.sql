-- Who carried a story when?
--
-- The articles of a story in time, with what makes each a copy.
-- Count: articles of one story. A copy whose day alone is known comes last on its day.
-- :url the address of one of its articles; empty: the most carried story of the last days
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: url=http://northwire.example/article/20240125-cranes-NW2411.html on=2024-02-09 days=40
\if :{?url} \else \set url '' \endif
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
with chosen as (
    select case when :'url' <> '' then (select story_id from articles where url = :'url' limit 1)
                else (select story_id from stories where last_published_at >= :'on'::date - :'days'::int + 1 and last_published_at < :'on'::date + 1
                      order by sources desc, articles desc, story_id limit 1) end as story_id)
select a.published_at, a.published_precision as known_to, a.source, a.title, a.is_canonical as original,
       (select c.kind from copies c where c.story_id = a.story_id and a.article_id in (c.article_a, c.article_b) order by c.score desc limit 1) as kind, a.agency
from articles a where a.story_id = (select story_id from chosen)
order by a.published_at, a.source limit 100;
