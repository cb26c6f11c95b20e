-- Articles on each topic, by day of publication.
select published_on::timestamp at time zone 'UTC' as time, topic as metric, count(*) as articles
from analyst.articles cross join unnest(topics) topic where $__timeFilter(published_at) group by 1, 2 order by 1, 2
