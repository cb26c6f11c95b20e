-- Which topics come together?
--
-- Pairs of topics that the same articles are on, and how much of each that is.
-- Count: stories, each by its canonical article: a reprinted pair is one.
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: on=2024-02-09 days=40
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '28' \endif
with topic_stories as (
    select topic, sum(stories) as stories from topic_volume where day between :'on'::date - :'days'::int + 1 and :'on'::date group by 1),
pair as (
    select o.topic as one, p.topic as other, count(*) as stories
    from article_topics o
    join article_topics p on p.article_id = o.article_id and p.topic > o.topic
    cross join lateral (select x.published_on, x.is_canonical from articles x where x.article_id = o.article_id offset 0) a  -- one by one
    where a.published_on between :'on'::date - :'days'::int + 1 and :'on'::date and a.is_canonical
    group by 1, 2)
select p.one, p.other, p.stories, round(p.stories / s.stories::numeric, 2) as of_one, round(p.stories / t.stories::numeric, 2) as of_other
from pair p join topic_stories s on s.topic = p.one join topic_stories t on t.topic = p.other
order by p.stories desc, 1, 2;
