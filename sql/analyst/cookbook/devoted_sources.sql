-- Who writes most of it, for its size?
--
-- Sources by the share of a topic in all that they publish.
-- Count: stories of their own: who reprints much would look devoted to what the agency is.
-- :topic a topic
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: topic=us-china on=2024-02-09 days=40
\if :{?topic} \else \set topic 'us-china' \endif
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '28' \endif
select t.source, t.stories, v.stories as all_stories, round(t.stories::numeric / v.stories, 2) as share
from (select source, sum(stories) as stories from topic_volume where topic = :'topic' and day between :'on'::date - :'days'::int + 1 and :'on'::date group by 1) t
join (select source, sum(stories) as stories from volume where day between :'on'::date - :'days'::int + 1 and :'on'::date group by 1) v using (source)
where t.stories > 0 and v.stories >= 3
order by share desc, t.stories desc, t.source limit 20;
