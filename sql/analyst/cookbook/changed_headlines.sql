-- Who gave the story another headline?
--
-- Copies under a headline of their own, in the 500 stories that were carried last.
-- Count: articles. The words of the story are the same, or a part of them.
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: on=2024-02-09 days=40
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select a.source, a.title, s.source as original_source, s.title as original_title
from (select * from stories where articles > 1 and last_published_at >= :'on'::date - :'days'::int + 1 and last_published_at < :'on'::date + 1
      order by last_published_at desc, story_id limit 500) s
join articles a using (story_id)
where not a.is_canonical and lower(a.title) <> lower(s.title)
order by a.published_at desc, a.url limit 30;
