-- name: put — a query that a person keeps, in the place of one of that name
insert into saved_query (name, query, owner, note) values (%(name)s, %(query)s, %(owner)s, %(note)s)
on conflict (name) do update set query = excluded.query, owner = excluded.owner, note = excluded.note, saved_at = clock_timestamp()
returning name;

-- name: get — a saved query
select name, query, owner, note, saved_at from saved_query where name = %(name)s;

-- name: list — all saved queries
select name, query, owner, note, saved_at from saved_query order by name;

-- name: forget — a saved query that nobody wants any more
delete from saved_query where name = %(name)s returning name;
