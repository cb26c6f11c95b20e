-- When was nobody listening?
--
-- Times in which feeds gave no answer, by day: counts of these days are too low.
-- Count: feeds and hours.
-- :on the last day that is looked at
-- :days how many days up to it
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '28' \endif
select date_trunc('day', from_at)::date as day, count(distinct feed_id) as feeds, round(sum(extract(epoch from lasted)) / 3600) as feed_hours,
       count(*) filter (where possibly_missed) as possibly_missed
from feed_gaps
where from_at >= :'on'::date - :'days'::int + 1 and from_at < :'on'::date + 1
group by 1 order by 1;
