-- Whom do we fail to read?
--
-- Sources with the largest share of entries that failed, and the reason that is most frequent.
-- Count: entries without those that were dropped by rule.
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: on=today days=2
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select source, count(*) as entries, count(*) filter (where status = 'failed') as failed,
       round(count(*) filter (where status = 'failed')::numeric / count(*), 2) as share, mode() within group (order by reason) filter (where status = 'failed') as mostly
from outcomes
where first_seen_at >= :'on'::date - :'days'::int + 1 and first_seen_at < :'on'::date + 1 and status in ('loaded', 'failed')
group by source having count(*) filter (where status = 'failed') > 0 order by share desc, failed desc, source limit 30;
