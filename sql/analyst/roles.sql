-- Who may do what. The owner is whoever migrates; `analyst` reads the schema analyst and nothing else; `mediawatch_app` changes rows.
-- Roles belong to the whole cluster: an existing one is kept, and where we may not create one, its grants wait until it exists.

do $$
begin
    if not exists (select from pg_roles where rolname = 'analyst') then
        create role analyst login connection limit 20;
        alter role analyst set default_transaction_read_only = on;
        alter role analyst set statement_timeout = '60s';
        alter role analyst set search_path = analyst;
        alter role analyst set jit = off;
    end if;
exception
    when insufficient_privilege then raise notice 'role analyst was not created: the migrating role lacks CREATEROLE';
    when duplicate_object or unique_violation then null;  -- another database of the cluster was migrated at the same moment
end $$;

do $$  -- who migrates may see what the analyst sees
begin
    if exists (select from pg_roles where rolname = 'analyst'
               and not pg_has_role(oid, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)) then
        grant analyst to current_user;
    end if;
exception
    when insufficient_privilege then raise notice 'the migrating role may not act as the role analyst: it may not grant it to itself';
end $$;

revoke all on schema mediawatch from public;
revoke create on schema public from public;

do $$  -- nobody but the owner makes temporary tables and functions: what lies in pg_temp could shadow what others call
begin
    execute format('grant temporary on database %I to current_user', current_database());
    execute format('revoke temporary on database %I from public', current_database());
exception
    when insufficient_privilege then raise notice 'temporary tables stay allowed to all: the migrating role does not own the database';
end $$;

-- mediawatch_query: what people's own queries (exports, saved ones) run as, with the rights of `analyst`. Nobody logs in as it, so
-- nobody can alter the two functions below. A query is opened and fetched within functions that are its own: Postgres lets nothing
-- inside such a function change the role, neither `set role` nor set_config(), and a cursor takes one statement that answers rows.
do $$
begin
    if not exists (select from pg_roles where rolname = 'mediawatch_query') then
        create role mediawatch_query nologin;
    end if;
exception
    when insufficient_privilege then raise notice 'role mediawatch_query was not created: the migrating role lacks CREATEROLE';
    when duplicate_object or unique_violation then null;
end $$;

do $$
begin
    if exists (select from pg_roles where rolname = 'mediawatch_query'
               and not pg_has_role(oid, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)) then
        grant mediawatch_query to current_user;
    end if;
exception
    when insufficient_privilege then raise notice 'people''s queries will not run: the migrating role may not grant mediawatch_query to itself';
end $$;

do $$
declare
    restored regprocedure;
begin
    -- A restore makes them its own, open to everyone: they must not run as who restores.
    for restored in select p.oid from pg_proc p where p.pronamespace = 'analyst'::regnamespace
                    and p.proname in ('open_query', 'fetch_query') and pg_get_userbyid(p.proowner) <> 'mediawatch_query' loop
        execute format('drop function %s', restored);
    end loop;
    if not exists (select from pg_roles where rolname = 'mediawatch_query' and pg_has_role(
            oid, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)) then
        return;
    end if;
    grant usage, create on schema analyst to mediawatch_query;
    grant select on all tables in schema analyst to mediawatch_query;
    grant execute on all functions in schema analyst to mediawatch_query;
    revoke execute on function analyst.find_articles from mediawatch_query;

    create or replace function analyst.open_query(query text) returns refcursor language plpgsql security definer
    set search_path = analyst, pg_temp set cursor_tuple_fraction = 1 as $open$
    declare
        asked refcursor := 'asked';
    begin
        open asked no scroll for execute query;
        move forward 0 in asked;  -- what is no plain select (explain analyze) runs at the first touch, and must not at the caller's
        return asked;
    end $open$;
    comment on function analyst.open_query is 'A query of a person''s, opened as the role mediawatch_query. For mediawatch itself.';

    create or replace function analyst.fetch_query(most int) returns setof record language plpgsql security definer
    set search_path = analyst, pg_temp as $fetch$
    declare
        asked refcursor := 'asked';
        found_row record;
    begin
        for _ in 1 .. most loop
            fetch asked into found_row;
            exit when not found;
            return next found_row;
        end loop;
    end $fetch$;
    comment on function analyst.fetch_query is 'The next rows of what open_query has opened. For mediawatch itself.';

    alter function analyst.open_query owner to mediawatch_query;
    alter function analyst.fetch_query owner to mediawatch_query;
    revoke create on schema analyst from mediawatch_query;
    revoke execute on function analyst.open_query, analyst.fetch_query from public;
    grant execute on function analyst.open_query, analyst.fetch_query to current_user;
end $$;

do $$
begin
    if exists (select from pg_roles where rolname = 'analyst') then
        grant usage on schema analyst to analyst;
        grant select on all tables in schema analyst to analyst;
        grant execute on all functions in schema analyst to analyst;
        revoke execute on function analyst.find_articles from analyst;
    end if;
end $$;

-- mediawatch_app: what workers connect as where the owner should not be at work every day. It owns nothing and changes rows only.
do $$
begin
    if not exists (select from pg_roles where rolname = 'mediawatch_app') then
        create role mediawatch_app login;
    end if;
exception
    when insufficient_privilege then raise notice 'role mediawatch_app was not created: the migrating role lacks CREATEROLE';
    when duplicate_object or unique_violation then null;
end $$;

do $$
begin
    if exists (select from pg_roles where rolname = 'mediawatch_app') then
        grant usage on schema mediawatch, analyst to mediawatch_app;
        grant select, insert, update, delete on all tables in schema mediawatch to mediawatch_app;
        revoke insert, update, delete on mediawatch.migration from mediawatch_app;
        grant select on all tables in schema analyst to mediawatch_app;
        grant usage on all sequences in schema mediawatch to mediawatch_app;
        grant execute on all functions in schema mediawatch, analyst to mediawatch_app;
    end if;
end $$;
