"""A person's query runs with the analyst's rights and no other, whatever is written in it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from mediawatch.errors import QueryError
from mediawatch.store import saved
from mediawatch.store.database import Database
from mediawatch.store.export import ROWS, batches, copy_csv, copy_json_lines, reading
from mediawatch.store.migrate import migrate

Ask = Callable[[str], str]
SECRET = "nobody may read this"


@pytest.fixture(params=["postgres", "mediawatch_app"])
def session(db: Database, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A connection as somebody who may more than the analyst: a superuser, and the workers' role."""
    db.execute("insert into source (name) values (%(name)s)", {"name": SECRET})
    with db.another() as other:
        if request.param != "postgres":
            other.execute("set session authorization mediawatch_app")
        yield other


def csv(db: Database, query: str) -> str:
    out = io.BytesIO()
    with reading(db):
        copy_csv(db, query, out)
    return out.getvalue().decode()


def json_lines(db: Database, query: str) -> str:
    out = io.BytesIO()
    with reading(db):
        copy_json_lines(db, query, out)
    return out.getvalue().decode()


def rows(db: Database, query: str) -> str:
    with reading(db):
        return str(list(batches(db, query)))


FORMS = pytest.mark.parametrize("form", [csv, json_lines, rows])
ALL = "select * from mediawatch.source"
AS_XML = f"query_to_xml('{ALL}', true, true, '')"
"""A query in a query; a server without libxml refuses it in any case."""
READ = "select to_tsvector(''simple'', name) from mediawatch.source"
LATER = "select word from (select {} as told offset 0) s, ts_stat(case when s.told is not null then '" + READ + "' end)"
"""A query in a query on every server, run after an expression."""


HOSTILE = [
    ALL,
    f"select {AS_XML}",
    f"select 1; reset role; {ALL}",
    f"select 1) to stdout; reset role; copy ({ALL}",
    f"select 1) row_) to stdout; reset role; copy (select 1 from ({ALL}",
    "select 1; commit; delete from mediawatch.source",
    "select 1) to stdout; commit; delete from mediawatch.source; begin; copy (select 1",
    "select 1; set session authorization postgres",
    "reset role",
    "set role none",
    "set local session authorization default",
    "do $$ begin execute 'reset role'; end $$",
    "begin",
    f"select set_config('role', 'none', true) is not null, {AS_XML}",
    LATER.format("1"),
    LATER.format("set_config('role', 'none', true)"),
    LATER.format("set_config('role', 'none', false)"),
    LATER.format("set_config('role', session_user, true)"),
    LATER.format("set_config('session_authorization', session_user, true)"),
    LATER.format("U&\"\\0073et_config\"('ro' || 'le', 'none', true)"),
    f"explain analyze {LATER.format('1')}",  # run when it is first touched, not when it is opened
    f"select case when n > {ROWS} then set_config('role', 'none', true) end from generate_series(1, {ROWS} + 1) n",
    "select * from analyst.open_query('select 1')",
    "select * from analyst.fetch_query(1) r (a int)",
    "with gone as (delete from mediawatch.source returning 1) select * from gone",
    "insert into analyst.saved_queries (name, query, owner) values ('x', 'x', 'x') returning 1",
    "create table analyst.mine as select 1",
    "copy (select 1) to program 'true'",
    "select pg_read_file('/etc/passwd')",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
    "",
]


@FORMS
def test_a_query_gets_at_nothing_that_the_analyst_may_not(
    db: Database, session: Database, form: Callable[[Database, str], str]
) -> None:
    answered = {}
    for query in HOSTILE:
        with suppress(QueryError):
            answered[query] = form(session, query)
    assert answered == {}
    assert db.execute("select name from source") == [(SECRET,)]


@FORMS
def test_a_query_runs_as_a_role_that_nobody_logs_in_as(session: Database, form: Callable[[Database, str], str]) -> None:
    assert "mediawatch_query" in form(session, "select current_user as who")
    session.execute("reset session authorization")
    (role,) = session.execute("select rolcanlogin, rolsuper from pg_roles where rolname = 'mediawatch_query'")
    assert tuple(role) == (False, False)


def test_it_may_what_the_analyst_may(session: Database) -> None:
    for view in session.execute("select viewname from pg_views where schemaname = 'analyst'"):
        assert csv(session, f"select * from {view.viewname} limit 1")
    assert "article_id" in csv(session, "select * from search('fentanyl')")


def test_what_a_query_sets_does_not_outlast_it(session: Database) -> None:
    rows(session, "select set_config('search_path', 'pg_temp', false), set_config('statement_timeout', '1h', false)")
    shown = session.execute("select current_setting('search_path') as p, current_setting('statement_timeout') as t")
    assert tuple(shown[0]) == ("mediawatch", "0")


def test_a_query_that_takes_too_long_is_ended_and_a_stream_may_take_its_time(session: Database) -> None:
    assert "1min" in csv(session, "select current_setting('statement_timeout')")
    with reading(session, limit_s=0):
        ((_, [(told,)]),) = batches(session, "select current_setting('statement_timeout')")
    assert told == "0"
    with pytest.raises(QueryError, match="statement timeout"), reading(session, limit_s=1):
        list(batches(session, "select pg_sleep(60)::text"))


def test_every_form_has_every_row_once_and_in_order(db: Database) -> None:
    for count in (0, 1, ROWS - 1, ROWS, ROWS + 1, 2 * ROWS):
        the_rows_are_all_there(db, count)


def the_rows_are_all_there(db: Database, count: int) -> None:
    query = f'select n, n as n, array[n] as "a %s, b" from generate_series(1, {count}) n'
    wanted = [str(n) for n in range(1, count + 1)]
    assert csv(db, query).splitlines() == ['n,n,"a %s, b"', *(f"{n},{n},{{{n}}}" for n in wanted)]
    assert json_lines(db, query).splitlines() == [f'{{"n":{n},"n":{n},"a %s, b":[{n}]}}' for n in wanted]
    with reading(db):
        assert [str(row[1]) for _, part in batches(db, query) for row in part] == wanted


def test_types_that_postgres_makes_up_come_through(db: Database) -> None:
    query = "select 'x'::char(3) as a, b'101' as b, 'n'::name as c, '\"q\"'::\"char\" as d, row(1, 'x') as e, 'x' as f, 1.50::numeric(9,2) as g"
    assert csv(db, query).splitlines()[1] == 'x  ,101,n,"""","(1,x)",x,1.50'


def test_a_saved_query_that_is_hostile_is_held_too(db: Database, session: Database) -> None:
    saved.save(session, "hostile", LATER.format("set_config('role', 'none', true)"), "ann")  # it is opened, not run
    with pytest.raises(QueryError, match='cannot set parameter "role"'):
        rows(session, saved.load(session, "hostile").query)


@pytest.mark.parametrize("function", ["open_query(text)", "fetch_query(int)"])
def test_without_the_role_no_query_runs(db: Database, function: str) -> None:
    db.execute(f"alter function analyst.{function} owner to postgres")
    with pytest.raises(QueryError, match="the role mediawatch_query, which is not there"):
        rows(db, "select 1")
    migrate(db)  # as after a restore
    assert "mediawatch_query" in rows(db, "select current_user as who")
    db.execute(f"drop function analyst.{function}")
    with pytest.raises(QueryError, match="the role mediawatch_query, which is not there"):
        rows(db, "select 1")
