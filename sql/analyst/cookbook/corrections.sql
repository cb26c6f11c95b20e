-- What was changed after it was published?
--
-- Corrections, and edits that do not say so, the largest first.
-- Count: revisions: an article may have several.
-- :on the last day that is looked at
-- :days how many days up to it
\if :{?on} \else \set on 'today' \endif
\if :{?days} \else \set days '7' \endif
select source, title, kind, title_changed, round(share_changed::numeric, 2) as share_changed, words_added, words_removed, notice, url
from revisions
where found_at >= :'on'::date - :'days'::int + 1 and found_at < :'on'::date + 1
order by kind = 'edit', share_changed desc, url limit 30;
