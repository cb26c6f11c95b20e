-- How much of it is copied?
--
-- For each source how many of its articles are somebody else's: reprints of an agency, or copies of another
-- source's article.
-- Count: articles against stories. An article that does not stand for its story was written elsewhere first, as
-- best known.
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: on=2024-02-09 days=40
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select source, sum(articles) as articles, sum(articles) - sum(stories) as copies,
       round((sum(articles) - sum(stories))::numeric / sum(articles), 2) as share
from volume where day between :'on'::date - :'days'::int + 1 and :'on'::date
group by source order by copies desc, articles desc, source limit 20;
