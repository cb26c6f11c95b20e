-- What came in, hour by hour?
--
-- Entries of the last hours by what they came to.
-- Count: entries; an article that two feeds announce at two addresses is two entries, one of them same_page.
-- :hours how many hours up to now
-- Varies: hour
\if :{?hours} \else \set hours '48' \endif
select hour, sum(entries) as entries, coalesce(sum(entries) filter (where status = 'loaded'), 0) as loaded,
       coalesce(sum(entries) filter (where status = 'dropped'), 0) as dropped, coalesce(sum(entries) filter (where status = 'failed'), 0) as failed,
       coalesce(sum(entries) filter (where status = 'pending'), 0) as waiting
from arrivals where hour > now() - make_interval(hours => :'hours'::int)
group by hour order by hour desc;
