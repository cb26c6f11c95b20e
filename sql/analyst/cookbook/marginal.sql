-- What is only just on a topic?
--
-- The articles with the lowest scores, and the words that put them there: to judge where a topic ends.
-- Count: articles, each with its evidence.
-- :topic a topic
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: topic=us-china on=2024-02-09 days=40
\if :{?topic} \else \set topic 'us-china' \endif
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select round(t.score::numeric, 1) as score, a.source, a.title, array_to_string(t.words, ', ') as words
from article_topics t join articles a using (article_id)
where t.topic = :'topic' and t.level = 'secondary' and a.published_on between :'on'::date - :'days'::int + 1 and :'on'::date and a.is_canonical
order by t.score, a.published_at, a.title limit 20;
