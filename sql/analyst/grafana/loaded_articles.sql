-- Articles that came in, by hour.
select date_trunc('hour', loaded_at) as time, count(*) as articles
from analyst.articles where $__timeFilter(loaded_at) group by 1 order by 1
