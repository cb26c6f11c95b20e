-- name: may_ask — a row where people's queries run as the role that is there for them
select r.rolname from pg_proc p join pg_roles r on r.oid = p.proowner
where p.oid in (to_regprocedure('analyst.open_query(text)'), to_regprocedure('analyst.fetch_query(int)'))
  and p.prosecdef and r.rolname = 'mediawatch_query' and has_function_privilege(p.oid, 'execute')
group by r.rolname having count(*) = 2;

-- name: limit_time — the longest that a statement of this transaction may take; 0: no limit
select set_config('statement_timeout', %(seconds)s || 's', true);

-- name: open — begins a query of a person's
select analyst.open_query(%(query)s);

-- name: next_rows — the statement that gives the next rows of the query, by the names and types of its columns
select format('select %%s from analyst.fetch_query(%%s) asked (%%s)', string_agg(format('c%%s as %%I', n, name), ', ' order by n), %(most)s,
              string_agg(format('c%%s %%s', n, format_type(type, -1)), ', ' order by n))
from unnest(%(names)s::text[], %(types)s::oid[]) with ordinality columns (name, type, n);
