-- Seconds from publication to load, median and 95th percentile, by hour; articles whose page gives a day only are left out.
select date_trunc('hour', loaded_at) as time,
       percentile_cont(0.5) within group (order by extract(epoch from loaded_at - published_at)) as p50_s,
       percentile_cont(0.95) within group (order by extract(epoch from loaded_at - published_at)) as p95_s
from analyst.articles where published_precision <> 'day' and $__timeFilter(loaded_at) group by 1 order by 1
