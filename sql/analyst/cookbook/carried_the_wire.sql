-- Which outlets carried the wire story?
--
-- The stories of news agencies that most publishers carried, with their names.
-- Count: outlets. How often one of them ran it says nothing of its reach.
-- :agency an agency; empty for all
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: on=2024-02-09 days=40
\if :{?agency} \else \set agency '' \endif
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select s.agency, s.title, s.sources as outlets, s.articles,
       (select string_agg(distinct a.source, ', ' order by a.source) from articles a where a.story_id = s.story_id and a.source <> s.source) as carried_by
from stories s
where s.agency is not null and (:'agency' = '' or s.agency = :'agency')
  and s.last_published_at >= :'on'::date - :'days'::int + 1 and s.last_published_at < :'on'::date + 1 and s.sources > 1
order by s.sources desc, s.articles desc, s.title limit 20;
