"""Two versions side by side: migrations after the last release (sql/RELEASED) only add, so that its code works on."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mediawatch.store.database import Database
from mediawatch.store.queries import SQL

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


def wrong_with(sql: str) -> list[str]:
    text = re.sub(r"--[^\n]*", "", re.sub(r"'(?:[^']|'')*'", "''", sql)).lower()
    return [why for pattern, why in REFUSED.items() if re.search(pattern, text)]


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
        ("alter table t rename column a to b;", False),
        ("alter table t alter column a type bigint;", False),
        ("comment on table t is 'what we do not drop';  -- nor rename", True),
    ],
)
def test_the_rule_tells_what_adds_from_what_takes_away(sql: str, fine: bool) -> None:
    assert (wrong_with(sql) == []) == fine


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
        db.execute("create schema mediawatch; create schema analyst")
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


def rows(db: Database, query: str) -> set[tuple[Any, ...]]:
    return {tuple(tuple(v) if isinstance(v, list) else v for v in row) for row in db.execute(query)}
