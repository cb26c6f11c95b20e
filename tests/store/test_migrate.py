"""Migrations: applied once, never edited, equal to schema.sql, every table and column explained."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from mediawatch.errors import MigrationError
from mediawatch.local import postgres
from mediawatch.store.database import Database
from mediawatch.store.migrate import migrate
from mediawatch.store.queries import SQL, statements

Url = Callable[[str], str]


@pytest.fixture
def empty(server_url: Url, admin: Callable[[str], None]) -> Iterator[Callable[[], str]]:
    """Makes empty databases; their URLs."""
    names: list[str] = []

    def make() -> str:
        names.append(f"mw_{uuid.uuid4().hex[:12]}")
        admin(f"create database {names[-1]}")
        return server_url(names[-1])

    yield make
    for name in names:
        admin(f"drop database {name} with (force)")


def dump(url: str) -> str:
    """The schema mediawatch as pg_dump writes it, without the ledger of migrations."""
    pg_dump = postgres.psql_path().with_name("pg_dump")
    command = [
        str(pg_dump),
        "--schema-only",
        "--no-owner",
        "--no-privileges",
        "-n",
        "mediawatch",
        "-T",
        "mediawatch.migration",
        url,
    ]
    text = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ)).stdout
    return "\n".join(line for line in text.splitlines() if not line.startswith("\\"))


def test_schema_sql_equals_the_sum_of_the_migrations(empty: Callable[[], str]) -> None:
    migrated, written = empty(), empty()
    with Database(migrated) as db:
        migrate(db)
    with Database(written) as db:
        db.execute("create schema mediawatch")
        db.execute((SQL / "schema.sql").read_text("utf-8"))
    dumps = [dump(url) for url in (migrated, written)]
    assert len(dumps[0]) > 10_000
    assert_same_lines(*dumps)


def assert_same_lines(one: str, other: str) -> None:
    """Equal in every line; the order in which pg_dump writes objects hangs on their ids, so it is left out."""

    def lines(text: str) -> list[str]:
        return sorted(line for line in text.splitlines() if line and not line.startswith("--"))

    assert lines(one) == lines(other)


def test_migrating_twice_changes_nothing(empty: Callable[[], str]) -> None:
    with Database(empty()) as db:
        assert migrate(db) == sorted(path.name for path in (SQL / "migrations").glob("*.sql"))
        assert migrate(db) == []


def test_a_migration_that_was_edited_after_it_was_applied_is_refused(empty: Callable[[], str], tmp_path: Path) -> None:
    shutil.copytree(SQL / "migrations", tmp_path, dirs_exist_ok=True)
    with Database(empty()) as db:
        migrate(db, tmp_path)
        with (tmp_path / "0001_initial.sql").open("a") as file:
            file.write("\n-- one more line")
        with pytest.raises(MigrationError, match=r"0001_initial\.sql was edited"):
            migrate(db, tmp_path)


def test_code_that_is_older_than_the_database_stops(empty: Callable[[], str], tmp_path: Path) -> None:
    with Database(empty()) as db:
        migrate(db)
        with pytest.raises(MigrationError, match="newer than this code"):
            migrate(db, tmp_path)


def test_a_migration_that_fails_leaves_nothing(empty: Callable[[], str], tmp_path: Path) -> None:
    (tmp_path / "0001_bad.sql").write_text("create table half (); select 1 / 0;")
    with Database(empty()) as db:
        with pytest.raises(Exception, match="division by zero"):
            migrate(db, tmp_path)
        assert db.execute("select to_regclass('mediawatch.half')")[0][0] is None


def test_every_table_and_column_is_explained(db: Database) -> None:
    rows = db.execute("""
        select c.relname || coalesce('.' || a.attname, '') as name
        from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'mediawatch'::regnamespace and c.relkind = 'r'
          and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)""")
    assert [row.name for row in rows] == []


def test_every_view_is_explained(db: Database) -> None:
    rows = db.execute("""
        select relname from pg_class
        where relnamespace = 'analyst'::regnamespace and relkind = 'v' and obj_description(oid) is null""")
    assert rows == []


def test_every_index_names_its_query() -> None:
    text = (SQL / "schema.sql").read_text("utf-8")
    named = set(re.findall(r"^-- serves (\w+\.\w+)", text, re.MULTILINE))
    assert {name for name in named if not name.startswith("analyst.")} <= set(statements())
    lines = text.splitlines()
    silent = [
        line
        for above, line in pairwise(lines)
        if line.startswith(("create index", "create unique index")) and not above.startswith("-- serves ")
    ]
    assert silent == []


def test_all_times_have_a_zone(db: Database) -> None:
    rows = db.execute("""
        select table_name, column_name from information_schema.columns
        where table_schema in ('mediawatch', 'analyst') and data_type = 'timestamp without time zone'""")
    assert rows == []
