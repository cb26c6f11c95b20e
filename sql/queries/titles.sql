-- name: tails — what the titles of sources end with
select source_id, tail, known_at from title_tail where source_id = any(%(source_ids)s) and known_at is not null order by 1, 2;

-- name: note_tails — which titles end with what, up to as many as make it the source's
insert into title_tail as t (source_id, tail, titles, seen_at, known_at)
select source_id, tail, titles, at, case when cardinality(titles) >= %(least)s then at + make_interval(secs => %(delay_s)s) end
from (values %s) as v (source_id, tail, titles, at)
on conflict (source_id, tail) do update set seen_at = excluded.seen_at,
    titles = case when t.known_at is not null then t.titles else array(select distinct unnest(t.titles || excluded.titles) limit %(least)s) end,
    known_at = coalesce(t.known_at, case when cardinality(array(select distinct unnest(t.titles || excluded.titles))) >= %(least)s
        then excluded.seen_at + make_interval(secs => %(delay_s)s) end);
