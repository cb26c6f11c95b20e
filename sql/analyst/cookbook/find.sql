-- Where do these words stand?
--
-- Search in all languages, within a topic if one is given; the hits are marked in the snippet.
-- Count: articles, the best of the 1,000 newest that match. searched_since tells how far back these reach, null:
-- to the beginning.
-- :words as in a search box: a phrase in quotation marks, or, -without, a NEAR/5 b
-- :topic a topic; empty for all
-- :most how many
-- Example: words='fentanyl NEAR/8 precursors' most=5
\if :{?words} \else \set words 'sanctions NEAR/8 banks' \endif
\if :{?topic} \else \set topic '' \endif
\if :{?most} \else \set most '10' \endif
select published_at::date as day, source, title, snippet, searched_since
from search(:'words', topic => nullif(:'topic', ''), most => :'most'::int)
order by rank desc, published_at desc, url;
