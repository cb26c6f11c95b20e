-- Feeds that were in a gap (no answer for too long), by hour.
select hour as time, count(distinct g.feed_id) as feeds
from generate_series(date_trunc('hour', $__timeFrom()::timestamptz), $__timeTo()::timestamptz, interval '1 hour') hour
left join analyst.feed_gaps g on g.from_at < hour + interval '1 hour' and coalesce(g.to_at, now()) > hour
group by 1 order by 1
