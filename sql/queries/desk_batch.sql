-- name: stages — what its entries came to, by stage
select o.stage, o.status, o.reason, count(*) as entries
from entry e join outcome o on o.entry_id = e.entry_id and o.batch_id = e.batch_id
where e.batch_id = %(batch_id)s group by 1, 2, 3 order by 4 desc;

-- name: endings — how its entries stand now
select status, count(*) as entries from entry where batch_id = %(batch_id)s group by 1;

-- name: tasks — which tasks worked on it
select stage, dag_id, run_id, task_id, map_index, try_number, begun_at, ended_at, entries, ok
from batch_task where batch_id = %(batch_id)s order by begun_at, batch_task_id;

-- name: entries — its entries, those without an article first, from a key on
select e.entry_id, src.name as source, e.title, e.url, e.status, e.reason, e.stage, e.article_id, e.settled_at, e.status = 'loaded' as is_loaded, o.detail
from (select * from entry
      where batch_id = %(batch_id)s and (%(loaded)s::boolean is null or (status = 'loaded', entry_id) > (%(loaded)s::boolean, %(entry_id)s::bigint))
      order by status = 'loaded', entry_id limit %(limit)s) e
join source src using (source_id)
left join lateral (select detail from outcome o where o.entry_id = e.entry_id and o.status <> 'ok' order by o.at desc limit 1) o on true
order by is_loaded, e.entry_id;

-- name: of_task — the batches that a task worked on, or a whole run
select batch_id from batch_task
where dag_id = %(dag_id)s and run_id = %(run_id)s
  and (%(task_id)s::text is null or task_id = %(task_id)s) and (%(map_index)s::int is null or map_index = %(map_index)s)
group by 1 order by 1;

-- name: list — some batches, or the newest
select b.batch_id, b.created_at, b.state, b.entries, b.finished_at, b.lease_owner, t.dag_id, t.run_id, t.stage, t.began, t.ended, t.tries
from (select * from batch
      where (%(batch_ids)s::bigint[] is null or batch_id = any(%(batch_ids)s::bigint[]))
        and (%(before)s::bigint is null or batch_id < %(before)s::bigint)
      order by batch_id desc limit %(limit)s) b
left join lateral (
    select min(x.dag_id) as dag_id, min(x.run_id) as run_id, (array_agg(x.stage order by x.begun_at desc))[1] as stage,
           min(x.begun_at) as began, max(x.ended_at) as ended, count(*) as tries
    from batch_task x where x.batch_id = b.batch_id) t on true
order by b.batch_id desc;
