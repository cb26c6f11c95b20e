-- What has gone?
--
-- Articles that were taken off the web or whose address has another page now; their text is still here.
-- Count: articles.
-- :on the last day that is looked at
-- :days how many days up to it
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select c.source, c.title, c.what, c.reason, c.at, c.url
from article_changes c
where c.what in ('removed', 'replaced', 'retracted') and c.at >= :'on'::date - :'days'::int + 1 and c.at < :'on'::date + 1
order by c.at desc, c.url limit 50;
