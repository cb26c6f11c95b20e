"""The role analyst tries to get out, and to stay longer than it may."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg2
import pytest
from mediawatch.store.database import Database
from mediawatch.store.migrate import migrate
from psycopg2 import errors
from psycopg2.extensions import make_dsn

DENIED = (
    errors.InsufficientPrivilege,
    errors.UndefinedTable,
    errors.UndefinedFunction,
    errors.ObjectNotInPrerequisiteState,
    errors.FeatureNotSupported,
    errors.InvalidSchemaName,
)


@pytest.fixture
def analyst(database_url: str) -> Iterator[Database]:
    """A login as the analyst, with the settings that its role has."""
    with Database(database_url) as owner:
        migrate(owner)  # rights on the database itself do not come with its template
    with Database(make_dsn(database_url, user="analyst")) as db:
        assert db.execute("select session_user")[0][0] == "analyst"  # a superuser is let through
        db.execute("reset search_path")
        yield db


@pytest.mark.parametrize(
    "statement",
    [
        "set role postgres",
        "set session authorization postgres",
        "select * from mediawatch.article",
        "select * from mediawatch.volume_now",
        "select * from public.anything",
        "select * from pg_authid",
        "select * from pg_stat_file('pg_hba.conf')",
        "select pg_read_file('pg_hba.conf')",
        "select pg_read_binary_file('/etc/passwd')",
        "select pg_ls_dir('.')",
        "select lo_import('/etc/passwd')",
        "select lo_export(1, '/tmp/x')",
        "copy (select 1) to '/tmp/mediawatch-escape'",
        "copy (select 1) to program 'true'",
        "create temp table t (x text); copy t from program 'id'",
        "create extension dblink",
        "select dblink_connect('dbname=postgres')",
        "create function pg_temp.f() returns int language sql as 'select 1'",
        "create function analyst.f() returns int language sql as 'select 1'",
        "create schema mine",
        "create table public.t (x int)",
        "create language plpython3u",
        "do $$ begin execute 'set role postgres'; end $$",
        "alter role analyst superuser",
        "alter role analyst connection limit 1000",
        "alter function analyst.fetch_query security invoker",
        "alter function analyst.open_query reset all",
        "set role mediawatch_query",
        "alter system set shared_buffers = '1GB'",
        "insert into analyst.saved_queries (name, query, owner) values ('x', 'x', 'x')",
        "update analyst.volume set articles = 0",
        "delete from analyst.saved_queries",
        "drop view analyst.articles",
        "select mediawatch.rebuild_counts()",
        "select mediawatch.rebuild_volume()",
        "select * from analyst.find_articles('x', null, null, null, null, null, 1)",
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
        "notify x; select pg_reload_conf()",
        "select query_to_xml('select * from mediawatch.article', true, true, '')",
        "explain analyze select * from mediawatch.article",
        "prepare p as select * from mediawatch.entry",
        "declare c cursor for select * from mediawatch.entry",
    ],
)
def test_the_analyst_does_not_get_out_even_after_it_has_switched_off_what_it_may(
    analyst: Database, statement: str
) -> None:
    analyst.execute("set default_transaction_read_only = off; set transaction_read_only = off")
    with pytest.raises(DENIED):
        analyst.execute(statement)


def test_a_search_cannot_be_led_astray_by_objects_of_the_analysts_own(analyst: Database) -> None:
    """search() runs as its owner: with a search_path of its own, a shadow of a table or of an operator is never found."""
    analyst.execute("set search_path = pg_temp, analyst, pg_catalog")
    assert analyst.execute("select * from analyst.search('x'' or true) union select 1 --')") == []
    assert analyst.execute("select * from analyst.search('x', source => 'x'') or true --', language => 'e''n')") == []
    for config in analyst.execute(
        "select proname, proconfig from pg_proc where pronamespace = 'analyst'::regnamespace and prosecdef"
    ):
        assert config.proconfig[0] in ("search_path=mediawatch, pg_catalog", "search_path=analyst, pg_temp")


def test_the_analyst_cannot_make_even_a_temporary_table(analyst: Database) -> None:
    analyst.execute("set default_transaction_read_only = off; set transaction_read_only = off")
    with pytest.raises(errors.InsufficientPrivilege):
        analyst.execute("create temp table article (x int)")


def test_the_role_has_its_limits(analyst: Database, admin: Callable[[str], None]) -> None:
    shown = analyst.execute(
        "select current_setting('statement_timeout') as t, current_setting('default_transaction_read_only') as r"
    )
    assert tuple(shown[0]) == ("1min", "on")
    (role,) = analyst.execute(
        "select rolconnlimit, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls from pg_roles where rolname = 'analyst'"
    )
    assert tuple(role) == (20, False, False, False, False)


def test_what_runs_too_long_is_ended(analyst: Database) -> None:
    analyst.execute("set statement_timeout = '50ms'")
    with pytest.raises(psycopg2.errors.QueryCanceled):
        analyst.execute("select pg_sleep(10)")
