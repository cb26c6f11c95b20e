-- Which feeds went quiet?
--
-- Feeds that answer and have brought nothing new for much longer than they use to.
-- Count: feeds; a source may have another one that still speaks.
select source, url, last_new_at, date_trunc('hour', silent_for) as silent_for, usual_gap, quiet_limit
from silent_feeds order by silent_for desc, url limit 50;
