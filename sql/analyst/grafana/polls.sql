-- Polls by hour and what came of them.
select date_trunc('hour', polled_at) as time, result as metric, count(*) as polls
from analyst.polls where $__timeFilter(polled_at) group by 1, 2 order by 1, 2
