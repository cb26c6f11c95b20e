-- name: claim — the next batch: ready entries, none whose host asks us to wait or is in another batch's hands. A host that can be in one batch only brings all it has, so that hosts are left for other batches; else hosts take turns
with ranked as (
    select entry_id, row_number() over (partition by host order by entry_id) as turn,
           case when %(exclusive)s then min(entry_id) over (partition by host) end as eldest
    from entry e
    where stage = 'fetch' and batch_id is null and ready_at <= clock_timestamp()
      and not exists (select from host h where h.host = e.host and h.hold_until > clock_timestamp())
      and not (%(exclusive)s and exists (
          select from entry o where o.host = e.host and o.stage = 'fetch' and o.batch_id is not null))),
picked as (
    select entry_id from entry
    where entry_id in (select entry_id from ranked where turn <= %(per_host)s order by eldest, turn, entry_id limit %(limit)s)
      and stage = 'fetch' and batch_id is null
    for update skip locked),
made as (
    insert into batch (lease_owner, lease_until, entries)
    select %(owner)s, clock_timestamp() + make_interval(secs => %(lease_s)s), count(*) from picked having count(*) > 0
    returning batch_id, entries),
taken as (
    update entry set batch_id = made.batch_id from made, picked where entry.entry_id = picked.entry_id)
select batch_id, entries from made;

-- name: serialise_claims — one claim at a time, or two would each take the entries of one host
select pg_advisory_xact_lock(28004);

-- name: in_hand — how many entries the open batches hold
select coalesce(sum(entries), 0)::int from batch where state = 'open';

-- name: give_back — let any run have a batch, which its own could not go on with
update batch set lease_until = clock_timestamp() where batch_id = %(batch_id)s and lease_count = %(lease_count)s
returning batch_id;

-- name: take_over — open batches whose run is gone, and those that this run claimed before it was interrupted
update batch set lease_owner = %(owner)s, lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
where batch_id in (
    select batch_id from batch
    where state = 'open' and (lease_until < clock_timestamp() or lease_owner = %(owner)s)
    order by lease_until limit %(limit)s for update skip locked)
returning batch_id, entries;

-- name: plan_by_index — from now on in this connection: the check of a foreign key keeps its first plan, and one made while a table is small reads it whole for every row
set enable_seqscan = off;

-- name: lease — hold a batch for one stage; no row when another run holds it or it is done
update batch set lease_owner = %(owner)s, lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s),
                 stage_tries = stage_tries + 1, lease_count = lease_count + 1
where batch_id = %(batch_id)s and state = 'open' and (lease_owner = %(owner)s or lease_until < clock_timestamp())
returning batch_id, lease_count, stage_tries, in_hand;

-- name: confirm — still the holder of the lease, which has a quarter of an hour more; the row stays locked until the transaction ends
update batch set lease_until = greatest(lease_until, clock_timestamp() + interval '15 minutes')
where batch_id = %(batch_id)s and lease_count = %(lease_count)s
returning batch_id;

-- name: get — a batch as it stands
select * from batch where batch_id = %(batch_id)s;

-- name: take_in_hand — remember which entry is being worked on, in case it breaks the process
update batch set in_hand = %(entry_id)s where batch_id = %(batch_id)s
returning batch_id;

-- name: end_stage — the stage has succeeded
update batch set stage_tries = 0, in_hand = null where batch_id = %(batch_id)s
returning batch_id;

-- name: finish — the batch is done once none of its entries waits
update batch set state = 'done', finished_at = clock_timestamp()
where batch_id = %(batch_id)s and state = 'open'
  and not exists (select from entry e where e.batch_id = batch.batch_id and e.stage <> 'done')
returning batch_id;

-- name: entries — how many entries these batches hold
select coalesce(sum(entries), 0)::int as entries from batch where batch_id = any(%(batch_ids)s);

-- name: begin_task — a task of Airflow's begins a stage of a batch
insert into batch_task (batch_id, stage, dag_id, run_id, task_id, map_index, try_number)
values (%(batch_id)s, %(stage)s, %(dag_id)s, %(run_id)s, %(task_id)s, %(map_index)s, %(try_number)s)
returning batch_task_id;

-- name: end_task — it has succeeded
update batch_task set ended_at = clock_timestamp(), entries = %(entries)s, ok = %(ok)s where batch_task_id = %(number)s
returning batch_task_id;

-- name: account — what became of the entries that a batch claimed: how they ended by reason, what is in flight, what left it before its end
select b.entries as claimed, b.sent_back, e.status, e.reason, count(e.entry_id) as entries,
       count(e.entry_id) filter (where e.status = 'loaded' and not exists (
           select from article a where a.entry_id = e.entry_id and a.loaded_at is not null)) as without_article
from batch b left join entry e using (batch_id) where batch_id = %(batch_id)s group by 1, 2, 3, 4 order by 3, 4;
