-- Entries that leave a batch before their end are counted here, and by no statement: code of the last release does not
-- know of the count, and the load of a newer version refused each batch from which that had sent an entry back.

create function mediawatch.count_sent_back() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    update batch b set sent_back = sent_back + n.entries
    from (select was_in, count(*) as entries from (
              select max(was_in) as was_in, max(is_in) as is_in, bool_or(waits) as waits
              from (select entry_id, batch_id as was_in, null::bigint as is_in, false as waits from entries_old
                    union all select entry_id, null, batch_id, status = 'pending' from entries_new) e
              group by entry_id) e
          where waits and was_in is distinct from is_in group by 1) n
    where b.batch_id = n.was_in;
    return null;
end $$;
comment on function mediawatch.count_sent_back is 'Entries that wait again have left their batches.';
create trigger entries_leave after update on mediawatch.entry referencing old table as entries_old new table as entries_new
    for each statement execute function mediawatch.count_sent_back();

-- what left before it was counted
update mediawatch.batch b set sent_back = b.entries - coalesce(k.entries, 0)
from mediawatch.batch o
left join (select batch_id, count(*) as entries from mediawatch.entry where batch_id is not null group by 1) k using (batch_id)
where b.batch_id = o.batch_id and b.sent_back <> b.entries - coalesce(k.entries, 0);
