-- Who and what is named?
--
-- The words that put articles on a topic: for sanctions the measures and whom they hit, as the articles write
-- them.
-- Count: stories, so that a reprinted name counts once; articles beside it.
-- :topic a topic
-- :signal part of a signal's name; empty for all
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: topic=sanctions on=2024-02-09 days=40
\if :{?topic} \else \set topic 'sanctions' \endif
\if :{?signal} \else \set signal '' \endif
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select e.term, e.signal, count(distinct a.story_id) as stories, count(distinct a.article_id) as articles,
       (array_agg(e.matched order by a.published_at, e.position))[1] as written
from article_topics t join articles a using (article_id)
cross join lateral (select x.term, x.signal, x.matched, x.position from evidence x where x.tag_id = t.tag_id offset 0) e  -- by tag, not all of it
where t.topic = :'topic' and e.signal ilike '%' || :'signal' || '%' and a.published_on between :'on'::date - :'days'::int + 1 and :'on'::date
group by 1, 2 order by 3 desc, 4 desc, 1 limit 20;
