-- Entries that failed, by hour and reason.
select date_trunc('hour', settled_at) as time, reason as metric, count(*) as entries
from analyst.outcomes where status = 'failed' and $__timeFilter(settled_at) group by 1, 2 order by 1, 2
