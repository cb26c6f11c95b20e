"""Two versions side by side: migrations after the last release (sql/RELEASED) only add, so that its code works on.

`released.tar.xz` holds the SQL and the code of that release; `make released` renews both. The code runs beside today's in
tests/stages/test_upgrade.py.
"""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from mediawatch.store.database import Database
from mediawatch.store.migrate import LEDGER
from mediawatch.store.queries import SQL, statements

RELEASED = (SQL / "RELEASED").read_text("utf-8").strip()
FILES = sorted((SQL / "migrations").glob("*.sql"))
SINCE = [path for path in FILES if path.name > RELEASED]
REFUSED = {
    r"\bdrop\s+(?!index\b|(table|schema)\s+if\s+exists\s+pg_temp)": "drops something that old code may use",
    r"\brename\b": "renames what old code calls by its name",
    r"\balter\s+column\s+\w+\s+(set\s+data\s+)?type\b": "changes a type under old code",
    r"\bset\s+not\s+null\b": "refuses rows that old code writes",
    r"\btruncate\b": "removes rows that old code counts on",
    r"\badd\s+column\s+(?:if\s+not\s+exists\s+)?\w+\s+(?![^,;]*\bdefault\b)(?![^,;]*\bgenerated\b)[^,;]*\bnot\s+null\b": "wants a value that old code does not give",
}


DROPPED = re.compile(r"\bdrop\s+index\s+(?:concurrently\s+)?(?:if\s+exists\s+)?([\w.]+(?:\s*,\s*[\w.]+)*)")
UNIQUE_INDEX = re.compile(r"\bcreate\s+unique\s+index\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?(\w+)")


def plain(sql: str) -> str:
    """In lower case, without comments and what is in quotation marks."""
    return re.sub(r"--[^\n]*", "", re.sub(r"'(?:[^']|'')*'", "''", sql)).lower()


UNIQUE_NAMES = {name for path in FILES for name in UNIQUE_INDEX.findall(plain(path.read_text("utf-8")))}
"""Indexes that `on conflict` of old code may name, or that keep it from writing a row twice."""


def wrong_with(sql: str, unique: Collection[str] = UNIQUE_NAMES) -> list[str]:
    text = plain(sql)
    dropped = {name.strip().rpartition(".")[2] for names in DROPPED.findall(text) for name in names.split(",")}
    lost = (dropped & set(unique)) - set(UNIQUE_INDEX.findall(text))
    found = [why for pattern, why in REFUSED.items() if re.search(pattern, text)]
    return found + [f"drops the unique index {name}, which old code counts on" for name in sorted(lost)]


@pytest.mark.parametrize("path", SINCE, ids=lambda path: path.name)
def test_a_migration_since_the_last_release_only_adds(path: Path) -> None:
    assert wrong_with(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("sql", "fine"),
    [
        ("alter table t add column a int;", True),
        ("alter table t add column a int not null default 0;", True),
        ("alter table t add column a int not null;", False),
        ("alter table t drop column a;", False),
        ("drop index t_a_idx;", True),
        ("drop index if exists mediawatch.t_a_idx, mediawatch.t_a_key;", False),
        ("drop index t_a_key; create unique index t_a_key on t (a) include (b);", True),
        ("alter table t rename column a to b;", False),
        ("alter table t alter column a type bigint;", False),
        ("comment on table t is 'what we do not drop';  -- nor rename", True),
    ],
)
def test_the_rule_tells_what_adds_from_what_takes_away(sql: str, fine: bool) -> None:
    assert (wrong_with(sql, {"t_a_key"}) == []) == fine


COLUMNS = """
select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull, a.atthasdef or a.attidentity <> '' as given
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'mediawatch'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
"""
CONSTRAINTS = """
select conrelid::regclass::text as "table", pg_get_constraintdef(oid) as rule,
       (select array_agg(attname::text order by attname) from pg_attribute where attrelid = conrelid and attnum = any(conkey)) as columns
from pg_constraint where connamespace = 'mediawatch'::regnamespace and contype <> 'n'
"""
UNIQUE = "select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as rule from pg_index where indisunique and indrelid::regclass::text ~ '^mediawatch|^[a-z_]+$' and indexrelid in (select oid from pg_class where relnamespace = 'mediawatch'::regnamespace)"
FUNCTIONS = "select oid::regprocedure::text as name from pg_proc where pronamespace in ('mediawatch'::regnamespace, 'analyst'::regnamespace)"


@pytest.fixture
def released(server_url: Callable[[str], str], admin: Callable[[str], None], tmp_path: Path) -> Iterator[Database]:
    """A database as the last release has left it."""
    for path in FILES:
        if path.name <= RELEASED:
            shutil.copy(path, tmp_path)
    name = f"mw_{uuid.uuid4().hex[:12]}"
    admin(f"create database {name}")
    with Database(server_url(name)) as db:
        db.execute(LEDGER)
        for path in sorted(tmp_path.glob("*.sql")):
            db.execute(path.read_text("utf-8"))
        yield db
    admin(f"drop database {name} with (force)")


def test_what_the_last_releases_code_reads_and_writes_is_still_there(released: Database) -> None:
    """Its statements name columns, conflict targets and functions: all are as they were, and no new rule refuses its rows."""
    old = {(r.relname, r.attname): r for r in released.execute(COLUMNS)}
    rules = rows(released, CONSTRAINTS)
    unique, functions = rows(released, UNIQUE), rows(released, FUNCTIONS)
    for path in SINCE:
        released.execute(path.read_text("utf-8"))
    new = {(r.relname, r.attname): r for r in released.execute(COLUMNS)}
    assert len(old) > 300
    for key, was in old.items():
        now = new.get(key)
        assert now is not None, f"{key} is gone"
        assert (now.type, now.attnotnull or was.attnotnull) == (was.type, was.attnotnull), key
        assert now.given >= was.given, f"{key} lost its default"
    tables = {table for table, _ in old}
    for (table, column), now in new.items():
        if table in tables and (table, column) not in old:
            assert now.given or not now.attnotnull, f"{table}.{column} wants a value that old code does not give"
    assert unique <= rows(released, UNIQUE)
    assert functions <= rows(released, FUNCTIONS)
    stricter = [
        rule
        for table, rule, columns in rows(released, CONSTRAINTS) - rules
        if table.removeprefix("mediawatch.") in tables
        and all((table.removeprefix("mediawatch."), c) in old for c in columns or ())
    ]
    assert stricter == [], "a new rule on old columns may refuse what old code writes"


def make_views(db: Database, folder: Path) -> None:
    """What `migrate` does after the migrations."""
    for part in ("views", "search", "roles"):
        db.execute((folder / "analyst" / f"{part}.sql").read_text("utf-8"))


def planned(db: Database, statement: str) -> str:
    """Why the server makes no plan for a statement whose values are all null; empty when it makes one."""
    listed = re.search(
        r"insert\s+into\s+[\w.]+\s*\(([^)]+)\)\s*values %s|\(values %s\)\s*(?:as\s+)?\w+\s*\(([^)]+)\)", statement
    )
    count = len((listed[1] or listed[2]).split(",")) if listed else 1
    text = statement.replace("values %s", f"values ({', '.join(['null'] * count)})")
    text = re.sub(r"%\(\w+\)s", "null", text).replace("%%", "%")
    try:
        db.execute("explain " + text)
    except psycopg2.Error as error:
        return str(error)
    return ""


def test_the_last_releases_statements_can_be_run_after_every_later_migration(
    released: Database, last_release: Path
) -> None:
    sql = last_release / "sql"
    assert (sql / "RELEASED").read_text("utf-8").strip() == RELEASED, "make released renews both"
    old = statements(sql / "queries")
    make_views(released, sql)
    before = {name for name, statement in old.items() if not planned(released, statement)}
    assert len(before) > 0.9 * len(old)  # of the others null tells too little
    for path in SINCE:
        released.execute(path.read_text("utf-8"))
        broken = {name: planned(released, old[name]) for name in before}
        assert set(broken.values()) == {""}, (path.name, broken)
    make_views(released, SQL)
    broken = {name: planned(released, old[name]) for name in before}
    assert set(broken.values()) == {""}, broken


def rows(db: Database, query: str) -> set[tuple[Any, ...]]:
    return {tuple(tuple(v) if isinstance(v, list) else v for v in row) for row in db.execute(query)}


def test_what_left_a_batch_before_that_was_counted_is_counted_by_a_migration(released: Database) -> None:
    """Or the load of a batch that was in hand during the upgrade would miss it."""
    released.execute("insert into source (name) values ('a source')")
    released.execute(
        "insert into batch (lease_owner, lease_until, entries) values ('old', now(), 3), ('old', now(), 1)"
    )
    released.execute(
        "insert into entry (identity, source_id, url, host, stage, first_seen_at, ready_at, batch_id) "
        "select sha256(n::text::bytea), 1, n::text, 'h', 'fetch', now(), now(), case when n <= 2 then n end from generate_series(1, 4) n"
    )
    for path in SINCE:
        released.execute(path.read_text("utf-8"))
    counted = "select sent_back from batch order by batch_id"
    assert [row.sent_back for row in released.execute(counted)] == [2, 0]
    released.execute("update entry set batch_id = null where batch_id = 2")
    assert [row.sent_back for row in released.execute(counted)] == [2, 1]
