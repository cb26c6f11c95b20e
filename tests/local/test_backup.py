"""Back-up and restore: an empty server gives the analyst the same views, and the archive the same pages."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from mediawatch.cli import app
from mediawatch.errors import BackupError
from mediawatch.feeds.opml import Subscription
from mediawatch.local import postgres, tidy
from mediawatch.local.backup import Copied, backup, restore
from mediawatch.settings import Settings
from mediawatch.stages import replay
from mediawatch.stages.flow import backfill_once, run_once
from mediawatch.stages.forget import forget, plan
from mediawatch.stages.subscribe import subscribe
from mediawatch.stages.sync_topics import sync_topics
from mediawatch.store.database import Database, without_password
from mediawatch.store.migrate import migrate
from psycopg2.extensions import parse_dsn
from typer.testing import CliRunner

FEEDS = ("http://northwire.example/rss/world.rss", "http://citycourier.example/rss.xml")
WIRE = "http://northwire.example/article/20240215-toolmakers-NW2496.html"


@pytest.fixture
def loaded(db: Database, settings: Settings) -> Settings:
    settings = replace(settings, extract_workers=1)
    subscribe(db, [Subscription(url=url) for url in FEEDS])
    assert run_once(db, settings, "test")["ok"] == 18
    return settings


@pytest.fixture
def empty(
    server_url: Callable[[str], str], admin: Callable[[str], None], settings: Settings, tmp_path: Path
) -> Iterator[Settings]:
    """Settings with an empty database and an empty archive."""
    name = f"mw_{uuid.uuid4().hex[:12]}"
    admin(f"create database {name}")
    yield replace(settings, database_url=server_url(name), archive=str(tmp_path / "elsewhere"), extract_workers=1)
    admin(f"drop database {name} with (force)")


def shown(url: str) -> dict[str, list[str]]:
    """Every row of every view that analysts have, but for how long ago something was."""
    with Database(url) as db:
        views = [row.viewname for row in db.execute("select viewname from pg_views where schemaname = 'analyst'")]
        assert len(views) > 15
        told = "select (to_jsonb(v) - 'longest_gap')::text as row from analyst.{} v order by 1"
        return {view: [row.row for row in db.execute(told.format(view))] for view in views}


def test_an_empty_database_and_archive_are_after_a_restore_what_was_backed_up(
    loaded: Settings, empty: Settings, tmp_path: Path
) -> None:
    made = backup(loaded, tmp_path / "safe")
    assert made.files == 1
    assert restore(empty, tmp_path / "safe") == made
    before, after = shown(loaded.database_url), shown(empty.database_url)
    assert len(before["articles"]) == 18
    assert after == before
    with Database(empty.database_url) as db:
        number = replay.begin(db, empty, "extract", "test")
        for part in replay.parts(db, number):
            replay.build(db, empty, number, part)
        rows = db.execute("select outcome, count(*) as pages from replay_article group by 1")
        assert [tuple(row) for row in rows] == [("same", 18)]
        assert run_once(db, empty, "test", force=True)["entries_new"] == 0
        db.execute("set role analyst")
        assert db.execute("select count(*) from analyst.articles")[0][0] == 18
    with pytest.raises(BackupError, match="not empty"):
        restore(empty, tmp_path / "safe")


def test_a_later_back_up_copies_what_is_new_and_forgets_what_was_taken_down(
    db: Database, loaded: Settings, tmp_path: Path
) -> None:
    backup(loaded, tmp_path / "safe")
    assert (backup(loaded, tmp_path / "safe").files, backup(loaded, tmp_path / "safe").known) == (0, 1)
    forget(db, loaded, plan(db, WIRE), "test")
    assert backup(loaded, tmp_path / "safe").files == 1  # the file without that record has another name
    assert len(list((tmp_path / "safe").rglob("*.warc.gz"))) == 1


def test_a_back_up_that_was_cut_short_or_has_lost_a_file_is_refused(
    loaded: Settings, empty: Settings, tmp_path: Path
) -> None:
    assert backup(loaded, tmp_path / "safe") == Copied(
        1, 0, next(Path(loaded.archive_root).rglob("*.warc.gz")).stat().st_size
    )
    (file,) = (tmp_path / "safe").rglob("*.warc.gz")
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    with pytest.raises(BackupError, match="missing or damaged"):
        restore(empty, tmp_path / "safe")
    file.write_bytes(whole)
    (tmp_path / "safe" / "manifest.json").unlink()
    with pytest.raises(BackupError, match="no whole back-up"):
        restore(empty, tmp_path / "safe")


@pytest.mark.parametrize(
    "manifest",
    ["[]", "{}", "null", '"files"', '{"files": ["a.warc.gz"]}', '{"files": {"a.warc.gz": "12"}}', '{"files": null}'],
)
def test_a_manifest_of_another_shape_is_refused_in_words(empty: Settings, tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(BackupError, match="none that a back-up has written"):
        restore(empty, tmp_path)


RECORDER = """#!/bin/sh
echo "$0 $*" >> {log}.arguments
echo "$PGPASSWORD" >> {log}.passwords
exec {program} "$@"
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """PostgreSQL's programs write down first what `ps` would show of them, and the password that they are told."""
    log, real = tmp_path / "log", postgres.psql_path()
    for name in ("psql", "pg_dump", "pg_restore"):
        (tmp_path / name).write_text(RECORDER.format(log=log, program=real.with_name(name)))
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(postgres, "psql_path", lambda: tmp_path / "psql")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return log


def test_no_argument_of_a_program_holds_the_databases_password(
    db: Database, settings: Settings, empty: Settings, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = parse_dsn(settings.database_url).get("password", "ver/y secret")

    def with_password(url: str) -> str:
        return f"{url}{'&' if '?' in url else '?'}password={quote(password, safe='')}"

    backup(replace(settings, database_url=with_password(settings.database_url)), tmp_path / "safe")
    restore(replace(empty, database_url=with_password(empty.database_url)), tmp_path / "safe")
    monkeypatch.setenv("MEDIAWATCH_DATABASE_URL", with_password(settings.database_url))
    assert CliRunner().invoke(app, ["sql", "-c", "select 1"]).exit_code == 0
    arguments = Path(f"{log}.arguments").read_text()
    assert [Path(line.split()[0]).name for line in arguments.splitlines()] == ["pg_dump", "pg_restore", "psql"]
    assert password not in unquote(arguments)
    assert Path(f"{log}.passwords").read_text() == f"{password}\n" * 3


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:ver%2Fy%20secret@db.example:5433/news?sslmode=require",
        "postgresql://ann@db.example:5433/news?password=ver%2Fy%20secret&sslmode=require",
        "host=db.example port=5433 dbname=news user=ann password='ver/y secret' sslmode=require",
    ],
)
def test_a_password_is_told_apart_from_where_the_database_is(url: str) -> None:
    where, env = without_password(url)
    assert env == {"PGPASSWORD": "ver/y secret"}
    assert parse_dsn(where) == {
        "user": "ann",
        "host": "db.example",
        "port": "5433",
        "dbname": "news",
        "sslmode": "require",
    }


def test_old_log_files_go_and_the_folders_that_they_leave_empty(tmp_path: Path) -> None:
    old, new = tmp_path / "dag_id=a" / "run_id=1" / "1.log", tmp_path / "dag_id=a" / "run_id=2" / "1.log"
    for file in (old, new):
        file.parent.mkdir(parents=True)
        file.write_text("x")
    for path in (old, old.parent):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    before = datetime.now(timezone.utc) - timedelta(days=30)
    assert tidy.remove_logs(tmp_path, before) == 1
    assert (old.exists(), new.exists()) == (False, True)


ANEW = {
    "articles": "select url, title, encode(text_sha256, 'hex'), language, word_count from article where loaded_at is not null order by 1",
    "stories": """select array_agg(a.url order by a.url), s.articles, s.sources, c.url from article a join story s using (story_id)
        join article c on c.article_id = s.canonical_article_id group by s.story_id, c.url order by 1""",
    "topics": "select a.url, topic_id, level, score from article_topic join article a using (article_id) order by 1, 2",
    "evidence": """select a.url, t.topic_id, position, matched, zone, start_at from topic_evidence join article_topic t using (tag_id)
        join article a using (article_id) order by 1, 2, 3""",
}


def test_the_archive_alone_gives_the_same_articles_stories_and_topics(
    db: Database, loaded: Settings, empty: Settings
) -> None:
    with Database(empty.database_url) as other:
        migrate(other)
        sync_topics(other)
        for file in sorted(Path(loaded.archive_root).rglob("*.warc.gz")):
            standing, _ = backfill_once(other, empty, str(file))
            assert standing.read_bytes == standing.size_bytes
        for name, query in ANEW.items():
            before = [tuple(row) for row in db.execute(query)]
            assert before
            assert [tuple(row) for row in other.execute(query)] == before, name
