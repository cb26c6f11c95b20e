"""The analyst reads the analyst's views and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import psycopg2
import pytest
from mediawatch.store.database import Database
from mediawatch.store.export import reading
from mediawatch.store.migrate import migrate


@pytest.fixture
def analyst(db: Database) -> Database:
    """A connection that acts as the role analyst."""
    db.execute("set session authorization analyst")
    return db


def test_the_analyst_reads_every_view(analyst: Database) -> None:
    views = analyst.execute("select viewname from pg_views where schemaname = 'analyst'")
    assert len(views) >= 8
    for view in views:
        analyst.execute(f"select * from analyst.{view.viewname} limit 1")


@pytest.mark.parametrize(
    "statement",
    [
        "select * from mediawatch.article",
        "select * from mediawatch.entry",
        "delete from analyst.articles",
        "create table analyst.mine (x int)",
        "create table public.mine (x int)",
        "create view analyst.mine as select 1",
        "update analyst.topics set title = 'x'",
        "select pg_read_file('/etc/passwd')",
        "set role postgres",
        "copy (select 1) to program 'true'",
    ],
)
def test_the_analyst_does_nothing_else(analyst: Database, statement: str) -> None:
    analyst.execute("set transaction_read_only = off")
    with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.ObjectNotInPrerequisiteState)):
        analyst.execute(statement)


def test_a_role_that_may_not_create_roles_can_still_migrate(
    admin: Callable[[str], None], server_url: Callable[[str], str]
) -> None:
    name = f"mw_{uuid.uuid4().hex[:10]}"
    admin(f"create role {name}")
    admin(f"create database {name} owner {name}")
    try:
        with Database(server_url(name)) as db:
            db.execute(f"set session authorization {name}")
            assert migrate(db)
            with reading(db):  # as itself, where it may not act as the analyst
                assert db.execute("select count(*) from articles")[0][0] == 0
    finally:
        admin(f"drop database {name} with (force)")
        admin(f"drop role {name}")
