-- name: reasons — how many entries came to each reason since a time
select reason, count(*) as entries, max(settled_at) as last_at from entry
where reason is not null and settled_at >= %(since)s::timestamptz group by 1 order by 2 desc, 1;

-- name: days — the same by day
select reason, (settled_at at time zone 'UTC')::date as day, count(*) as entries from entry
where reason is not null and settled_at >= %(since)s::timestamptz group by 1, 2;

-- name: newest — entries that came to no article, the newest first, from a key on
select e.entry_id, src.name as source, e.title, e.url, e.status, e.reason, e.stage, e.article_id, e.settled_at, o.detail
from (select * from entry
      where status <> 'loaded' and settled_at is not null
        and (%(at)s::timestamptz is null or (settled_at, entry_id) < (%(at)s::timestamptz, %(entry_id)s::bigint))
      order by settled_at desc, entry_id desc limit %(limit)s) e
join source src using (source_id)
left join lateral (select detail from outcome o where o.entry_id = e.entry_id and o.status <> 'ok' order by o.at desc limit 1) o on true
order by e.settled_at desc, e.entry_id desc;

-- name: by_reason — of these, those that came to one reason
select e.entry_id, src.name as source, e.title, e.url, e.status, e.reason, e.stage, e.article_id, e.settled_at, o.detail
from (select * from entry
      where reason = %(reason)s
        and (%(at)s::timestamptz is null or (settled_at, entry_id) < (%(at)s::timestamptz, %(entry_id)s::bigint))
      order by settled_at desc, entry_id desc limit %(limit)s) e
join source src using (source_id)
left join lateral (select detail from outcome o where o.entry_id = e.entry_id and o.status <> 'ok' order by o.at desc limit 1) o on true
order by e.settled_at desc, e.entry_id desc;

-- name: by_source — of these, those of some sources, of one reason if one is given
select e.entry_id, src.name as source, e.title, e.url, e.status, e.reason, e.stage, e.article_id, e.settled_at, o.detail
from (select n.* from unnest(%(source_ids)s::int[]) s (source_id)
      cross join lateral (
          select * from entry e
          where e.source_id = s.source_id and e.reason is not null and (%(reason)s::text is null or e.reason = %(reason)s)
            and (%(at)s::timestamptz is null or (e.settled_at, e.entry_id) < (%(at)s::timestamptz, %(entry_id)s::bigint))
          order by e.settled_at desc, e.entry_id desc limit %(limit)s) n
      order by n.settled_at desc, n.entry_id desc limit %(limit)s) e
join source src using (source_id)
left join lateral (select detail from outcome o where o.entry_id = e.entry_id and o.status <> 'ok' order by o.at desc limit 1) o on true
order by e.settled_at desc, e.entry_id desc;

-- name: pending — entries that wait, those that wait longest first, from a key on
select e.entry_id, src.name as source, e.title, e.url, e.status, e.reason, e.stage, e.article_id, e.ready_at as settled_at, o.detail
from (select * from entry
      where stage <> 'done' and (%(at)s::timestamptz is null or (ready_at, entry_id) > (%(at)s::timestamptz, %(entry_id)s::bigint))
      order by ready_at, entry_id limit %(limit)s) e
join source src using (source_id)
left join lateral (select detail from outcome o where o.entry_id = e.entry_id and o.status <> 'ok' order by o.at desc limit 1) o on true
order by e.settled_at, e.entry_id;

-- name: sources — sources whose name holds words
select source_id from source where name ilike %(words)s order by name limit 50;
