-- Which agency is reprinted most?
--
-- News agencies by the reprints of their stories.
-- Count: articles that are copies; stories beside them, since one much reprinted text says less than many.
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: on=2024-02-09 days=40
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select agency, count(*) as stories, sum(articles - 1) as reprints, max(sources) as widest, round(avg(sources), 1) as outlets_a_story
from stories
where agency is not null and last_published_at >= :'on'::date - :'days'::int + 1 and last_published_at < :'on'::date + 1
group by agency order by reprints desc, agency limit 20;
