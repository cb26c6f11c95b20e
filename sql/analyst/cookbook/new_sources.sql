-- Who is new to a topic?
--
-- Sources that wrote on a topic in the last days and not once in the 90 days before.
-- Count: outlets, with their articles. A source that was subscribed to lately is new to everything: see
-- subscribed_on.
-- :topic a topic
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: topic=fentanyl on=2024-02-09 days=9
\if :{?topic} \else \set topic 'us-china' \endif
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select n.source, sum(n.articles) as articles, sum(n.stories) as stories, min(n.day) as since
from topic_volume n
where n.topic = :'topic' and n.day between :'on'::date - :'days'::int + 1 and :'on'::date
  and not exists (select from topic_volume b where b.topic = n.topic and b.source = n.source
                  and b.day between :'on'::date - :'days'::int - 89 and :'on'::date - :'days'::int)
group by n.source order by articles desc, n.source limit 50;
