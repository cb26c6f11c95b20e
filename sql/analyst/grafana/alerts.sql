-- Alerts as annotations: when each was found, how long it held, and why.
select first_at as time, coalesce(resolved_at, now()) as "timeEnd", title as text, why as description, rule as tags
from analyst.alerts where $__timeFilter(first_at) order by 1
