-- Is it the world or is it us?
--
-- A topic by day, as a share of everything that came in, and beside what usually comes in: a fall in both is ours.
-- Count: articles for 1,000 articles seen; seen_of_usual, entries beside the median of the 28 days
-- before, below 0.8 means that feeds failed or were not asked: feed_coverage says which.
-- :topic a topic
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: topic=us-china on=2024-02-09 days=7
\if :{?topic} \else \set topic 'us-china' \endif
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
with day as (select d::date as day from generate_series(:'on'::date - :'days'::int + 1, :'on'::date, interval '1 day') d),
came as (
    select (hour at time zone 'UTC')::date as day, sum(entries) as entries from arrivals
    where hour >= :'on'::date - :'days'::int - 27 and hour < :'on'::date + 1 group by 1)
select d.day, coalesce(t.articles, 0) as articles, coalesce(v.articles, 0) as all_articles, round(1000.0 * t.articles / nullif(v.articles, 0), 1) as for_1000,
       round((c.entries / nullif((
           select percentile_cont(0.5) within group (order by b.entries) from came b where b.day between d.day - 28 and d.day - 1), 0))::numeric, 2) as seen_of_usual
from day d
left join (select day, sum(articles) as articles from topic_volume where topic = :'topic' and day between :'on'::date - :'days'::int + 1 and :'on'::date group by 1) t on t.day = d.day
left join (select day, sum(articles) as articles from volume where day between :'on'::date - :'days'::int + 1 and :'on'::date group by 1) v on v.day = d.day
left join came c on c.day = d.day
order by d.day;
