-- In which languages is a topic written about?
--
-- Articles, stories and outlets of a topic by language.
-- Count: outlets to compare languages: how many articles there are hangs on how many sources of a language are
-- subscribed to, which seen says.
-- :topic a topic
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: topic=sanctions on=2024-02-09 days=40
\if :{?topic} \else \set topic 'us-china' \endif
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '28' \endif
select language, sum(articles) as articles, sum(stories) as stories, count(distinct source) as outlets,
       (select count(distinct source) from volume v where v.language is not distinct from t.language and v.day between :'on'::date - :'days'::int + 1 and :'on'::date) as seen
from topic_volume t where topic = :'topic' and day between :'on'::date - :'days'::int + 1 and :'on'::date
group by language order by articles desc, language;
