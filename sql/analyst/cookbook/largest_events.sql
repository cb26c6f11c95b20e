-- Which events were told most widely?
--
-- Events by the publishers that told them.
-- Count: outlets; stories tell how many texts there are, articles how often they ran.
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: on=2024-02-09 days=40
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select title, sources as outlets, stories, articles, first_published_at, last_published_at
from events
where last_published_at >= :'on'::date - :'days'::int + 1 and last_published_at < :'on'::date + 1
order by sources desc, stories desc, title limit 20;
