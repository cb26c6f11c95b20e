-- How do two sides tell one event?
--
-- The words that one group of sources uses for an event and the other does not: of the event that both tell most
-- of, or of the one with a given article.
-- Count: articles of each side that use a word, as a share of the side's articles. Both sides must write in one
-- language: events hold one.
-- :one sources of the one side, comma-separated: names, or tags such as CN
-- :other sources of the other
-- :url an article of the event; empty: the event that both tell most of
-- :on the last day that is looked at
-- :days how many days up to it
-- Example: one='The Harbor Ledger' other='Meridian Post' on=2024-02-09 days=40
\if :{?one} \else \set one 'Pacific Dispatch' \endif
\if :{?other} \else \set other 'Northwire' \endif
\if :{?url} \else \set url '' \endif
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '30' \endif
with side as (
    select source, case when source = any(string_to_array(:'one', ',')) or tags && string_to_array(:'one', ',') then 1 else 2 end as side
    from sources
    where source = any(string_to_array(:'one', ',') || string_to_array(:'other', ',')) or tags && (string_to_array(:'one', ',') || string_to_array(:'other', ','))),
told as (
    select a.event_id, a.article_id, s.side, a.title, a.text
    from articles a join side s using (source)
    where a.published_on between :'on'::date - :'days'::int + 1 and :'on'::date and (:'url' = '' or a.event_id = (select u.event_id from articles u where u.url = :'url' limit 1))),
chosen as (
    select event_id from told group by 1 having count(distinct side) = 2
    order by least(count(*) filter (where side = 1), count(*) filter (where side = 2)) desc, count(*) desc, min(title) limit 1),
used as (
    select t.side, w.word, count(distinct t.article_id) as articles
    from told t join chosen using (event_id)
    cross join lateral (select distinct lower(m[1]) as word from regexp_matches(left(t.text, 20000), '[[:alpha:]]{5,}', 'g') m) w
    group by 1, 2),
size as (select side, count(*) as articles from told join chosen using (event_id) group by 1)
select word, round(coalesce(max(u.articles) filter (where u.side = 1), 0)::numeric / (select articles from size where side = 1), 2) as one,
       round(coalesce(max(u.articles) filter (where u.side = 2), 0)::numeric / (select articles from size where side = 2), 2) as other
from used u group by word
order by abs(coalesce(max(u.articles) filter (where u.side = 1), 0)::numeric / (select articles from size where side = 1)
             - coalesce(max(u.articles) filter (where u.side = 2), 0)::numeric / (select articles from size where side = 2)) desc, word limit 20;
