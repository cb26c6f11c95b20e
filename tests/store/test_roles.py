"""The analyst reads the analyst's views and nothing else; the workers' role changes rows and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

import psycopg2
import pytest
from mediawatch.errors import QueryError
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages.flow import run_once
from mediawatch.stages.forget import forget, plan
from mediawatch.stages.maintain import maintain
from mediawatch.stages.subscribe import subscribe
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


RESTORED = "create function analyst.open_query(query text) returns int language sql security definer as 'select 1'"
"""What pg_restore leaves without owners and grants: a function that anybody may call, with the rights of who restored."""


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
            assert db.execute("select count(*) from analyst.articles")[0][0] == 0
            with pytest.raises(QueryError, match="mediawatch_query, which is not there"), reading(db):
                pass
            db.execute(RESTORED)
            migrate(db)
            assert db.execute("select to_regprocedure('analyst.open_query(text)')")[0][0] is None
    finally:
        admin(f"drop database {name} with (force)")
        admin(f"drop role {name}")


FEED = "http://northwire.example/rss/world.rss"


def test_the_workers_role_does_a_whole_run(db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(url=FEED)])
    settings = replace(settings, extract_workers=1)
    with db.another() as app:
        app.execute("set session authorization mediawatch_app")
        assert run_once(app, settings, "test")["ok"] == 8
        assert maintain(app, settings)["files_removed"] == 0
        (article,) = app.execute("select url from article order by article_id limit 1")
        assert forget(app, settings, plan(app, article.url), "test")["articles"] == 1


@pytest.mark.parametrize(
    "statement",
    [
        "create table mediawatch.mine (x int)",
        "create schema mine",
        "alter table mediawatch.article add column mine int",
        "drop table mediawatch.article",
        "truncate mediawatch.article",
        "delete from mediawatch.migration",
        "create or replace view analyst.articles as select 1",
        "create role mine",
        "grant select on mediawatch.article to public",
        "select pg_read_file('/etc/passwd')",
        "copy (select 1) to program 'true'",
    ],
)
def test_the_workers_role_changes_rows_and_nothing_else(db: Database, statement: str) -> None:
    db.execute("set session authorization mediawatch_app")
    if statement.startswith("grant"):  # Postgres only warns that nothing was granted
        db.execute(statement)
        db.execute("reset session authorization")
        assert not db.execute("select has_table_privilege('analyst', 'mediawatch.article', 'select') as may")[0].may
        return
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        db.execute(statement)
