-- How does a topic go, day by day?
--
-- Stories of each day beside the median of the same topic in the 28 days before, and the band in which nearly
-- all days lie: three times the median deviation, made comparable by 1.4826.
-- Count: stories: a reprint is no news. Days without an article count as 0.
-- :topic a topic
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: topic=sanctions on=2024-02-09 days=7
\if :{?topic} \else \set topic 'us-china' \endif
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '14' \endif
with day as (
    select d::date as day, coalesce(sum(v.articles), 0) as articles, coalesce(sum(v.stories), 0) as stories
    from generate_series(:'on'::date - :'days'::int - 27, :'on'::date, interval '1 day') d
    left join topic_volume v on v.day = d::date and v.topic = :'topic'
    group by 1)
select n.day, n.articles, n.stories, b.usual, round((b.usual + 3 * 1.4826 * greatest(b.deviation, 0.5))::numeric, 1) as normal_to,
       n.stories > b.usual + 3 * 1.4826 * greatest(b.deviation, 0.5) as unusual
from day n
cross join lateral (
    select m.usual, (select percentile_cont(0.5) within group (order by abs(p.stories - m.usual)) from day p where p.day between n.day - 28 and n.day - 1) as deviation
    from (select percentile_cont(0.5) within group (order by p.stories) as usual from day p where p.day between n.day - 28 and n.day - 1) m) b
where n.day > :'on'::date - :'days'::int
order by n.day;
