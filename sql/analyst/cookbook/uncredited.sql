-- Who reprints without saying so?
--
-- Copies of an agency's story that do not name the agency, in the 500 stories that were carried last.
-- Count: articles. That a text is the same does not prove who copied whom: story_timeline shows the order.
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: on=2024-02-09 days=40
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select a.source, a.title, a.agency, a.url
from (select * from stories where articles > 1 and agency is not null and last_published_at >= :'on'::date - :'days'::int + 1 and last_published_at < :'on'::date + 1
      order by last_published_at desc, story_id limit 500) s
join articles a using (story_id)
where a.is_syndicated
  and not exists (select from syndication y where y.article_id = a.article_id and y.agency is not null)
order by a.published_at desc, a.url limit 30;
