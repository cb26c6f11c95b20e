-- name: may_be_analyst — a row where we may act as the role analyst
select rolname from pg_roles
where rolname = 'analyst' and pg_has_role(oid, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end);
