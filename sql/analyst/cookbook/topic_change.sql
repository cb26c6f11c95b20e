-- Is there more of it than usual?
--
-- Each topic in the last days beside the 28 days before: by articles, by stories, by outlets.
-- Count: stories for how much was written, articles for how often readers met it, outlets for how many newsrooms
-- cared. When articles rise and stories do not, one text is being reprinted.
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: on=2024-02-09 days=7
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
with counted as (
    select topic, day > :'on'::date - :'days'::int as recent, sum(articles) as articles, sum(stories) as stories, count(distinct source) as outlets
    from topic_volume where day between :'on'::date - :'days'::int - 27 and :'on'::date
    group by 1, 2)
select t.topic, coalesce(n.articles, 0) as articles, round(b.articles * :'days'::numeric / 28, 1) as usual,
       round(n.articles / nullif(b.articles * :'days'::numeric / 28, 0), 1) as times,
       coalesce(n.stories, 0) as stories, round(b.stories * :'days'::numeric / 28, 1) as usual_stories, coalesce(n.outlets, 0) as outlets
from topics t
left join counted n on n.topic = t.topic and n.recent
left join counted b on b.topic = t.topic and not b.recent
order by times desc nulls last, t.topic;
