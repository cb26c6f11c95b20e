-- What did we miss?
--
-- Entries that feeds announced on a day and that are not here as articles, by source and reason.
-- Count: entries. Dropped ones are no articles by rule; failed ones are what we could not get.
-- :on the day
-- Example: on=today
\if :{?on} \else \set on 'yesterday' \endif
select source, status, reason, count(*) as entries, min(title) as for_example
from outcomes
where first_seen_at >= :'on'::date and first_seen_at < :'on'::date + 1 and status in ('dropped', 'failed') and reason <> 'same_page'
group by 1, 2, 3 order by entries desc, source, reason limit 30;
