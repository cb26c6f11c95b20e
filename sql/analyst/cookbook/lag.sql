-- How late are we?
--
-- From publication to being visible here, by source: the median, and what 19 of 20 articles did not exceed.
-- Count: articles whose time of day is known. Those that a feed announces weeks later are left out beyond the
-- tenth day.
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: on=today days=3
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '3' \endif
select source, count(*) as articles, percentile_disc(0.5) within group (order by loaded_at - published_at) as median,
       percentile_disc(0.95) within group (order by loaded_at - published_at) as nearly_all,
       percentile_disc(0.5) within group (order by loaded_at - first_seen_at) as ours
from articles
where loaded_at >= :'on'::date - :'days'::int + 1 and loaded_at < :'on'::date + 1 and published_precision <> 'day' and published_at > loaded_at - interval '10 days'
group by source having count(*) >= 3 order by nearly_all desc limit 30;
