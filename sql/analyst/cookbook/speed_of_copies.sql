-- How fast is the wire copied?
--
-- For each source the time from an agency's article to its own copy, in the 2,000 stories that were carried last.
-- Count: articles that are copies and state a time of day.
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: on=2024-02-09 days=40
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select a.source, count(*) as copies, percentile_disc(0.5) within group (order by a.published_at - o.published_at) as median
from (select * from stories where agency is not null and last_published_at >= :'on'::date - :'days'::int + 1 and last_published_at < :'on'::date + 1
      order by last_published_at desc, story_id limit 2000) s
join articles a using (story_id)
join articles o on o.article_id = s.canonical_article_id
where a.is_syndicated and a.published_precision <> 'day' and o.published_precision <> 'day'
  and a.published_at >= o.published_at
group by a.source order by median, a.source limit 30;
