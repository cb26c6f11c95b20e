-- Who reported first?
--
-- For each event of a topic the first article, and how much later the second publisher had it.
-- Count: articles by their time of publication; an article that states a day only has no hour to be first with,
-- and is left out.
-- :topic a topic
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: topic=us-china on=2024-02-09 days=40
\if :{?topic} \else \set topic 'us-china' \endif
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
with told as (
    select a.event_id, a.source, a.title, a.published_at,
           row_number() over (partition by a.event_id order by a.published_at, a.article_id) as place,
           count(*) over (partition by a.event_id) as articles
    from article_topics t join articles a using (article_id)
    where t.topic = :'topic' and a.published_on between :'on'::date - :'days'::int + 1 and :'on'::date and a.published_precision <> 'day')
select f.published_at as first_at, f.source as first, f.title, s.second, s.published_at - f.published_at as later, f.articles
from told f
cross join lateral (
    select source as second, published_at from told o where o.event_id = f.event_id and o.source <> f.source
    order by published_at, place limit 1) s
where f.place = 1
order by f.articles desc, f.published_at limit 20;
