"""A real Postgres for the whole run, and a freshly migrated database, cloned from a template, for each test."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from demo_stack import mailbox, metadata, metrics, ran, up  # noqa: F401 - fixtures
from mail_server import Hook, MailServer, serving_hook, serving_mail
from mediawatch.feeds import opml
from mediawatch.local import corpus, postgres
from mediawatch.settings import Settings
from mediawatch.stages.alert_rules import sync_rules
from mediawatch.stages.flow import run_once
from mediawatch.stages.subscribe import subscribe
from mediawatch.stages.sync_topics import sync_topics
from mediawatch.store.database import Database
from mediawatch.store.migrate import migrate

SERVER_URL = "MEDIAWATCH_TEST_SERVER"
"""An environment variable: libpq URL of a server of one's own, as a role that may create databases and roles; one for each
process of xdist, with spaces between them, as roles belong to the server."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Airflow stays up for all tests that use it: those come last, and in the order of what they have to wait for."""
    order = ("up", "metadata", "ran")
    rank = {name: len(order) - place for place, name in enumerate(order)}
    items.sort(key=lambda item: max((rank.get(name, 0) for name in getattr(item, "fixturenames", ())), default=0))


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder for what outlives one test and runs under other accounts.

    Not pytest's own: each run that begins closes that folder to others, also under the feet of a run that is on.
    """
    folder = Path(tempfile.mkdtemp(prefix="mediawatch-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server_url(open_folder: Path) -> Iterator[Callable[[str], str]]:
    """database name → libpq URL on the server that the tests use: the embedded one, or SERVER_URL's."""
    if servers := os.environ.get(SERVER_URL, "").split():
        own = servers[int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))]
        yield lambda name: own.rsplit("/", 1)[0] + "/" + name
        return
    server = postgres.start(open_folder / "postgres", durable=False)
    try:
        yield server.url
    finally:
        server.stop()


@pytest.fixture(scope="session")
def admin(server_url: Callable[[str], str]) -> Iterator[Callable[[str], None]]:
    """Runs a statement on the server, outside of any test's database."""
    connection = psycopg2.connect(server_url("postgres"))
    connection.autocommit = True

    def run(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    yield run
    connection.close()


@pytest.fixture(scope="session")
def template(server_url: Callable[[str], str], admin: Callable[[str], None]) -> Iterator[str]:
    """Name of a migrated database, with the shipped topics, to clone from."""
    name = f"mw_template_{uuid.uuid4().hex[:8]}"
    admin(f"create database {name}")
    with Database(server_url(name)) as db:
        migrate(db)
        sync_topics(db)
        sync_rules(db)
    yield name
    admin(f"drop database {name} with (force)")


@pytest.fixture
def database_url(server_url: Callable[[str], str], admin: Callable[[str], None], template: str) -> Iterator[str]:
    """libpq URL of a migrated database of this test's own."""
    name = f"mw_{uuid.uuid4().hex[:12]}"
    admin(f"create database {name} template {template}")
    yield server_url(name)
    admin(f"drop database {name} with (force)")


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """A connection to this test's database."""
    with Database(database_url) as connection:
        yield connection


@pytest.fixture
def web() -> Iterator[corpus.Corpus]:
    """The sample corpus, served on loopback; its counters start at zero."""
    with corpus.Corpus(corpus.ROOT) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, database_url: str, web: corpus.Corpus) -> Settings:
    """Settings for a whole run over the corpus, in a folder of this test's own; no waiting between requests."""
    return Settings(
        home=str(tmp_path),
        database_url=database_url,
        hosts=web.hosts,
        host_spacing_s=0,
        host_concurrency=4,
        retry_base_s=0.01,
        extract_workers=2,
    )


@pytest.fixture(scope="session")
def last_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the last release has left: sql/ with its named statements, the analyst's views, search and roles, and plugins/
    with its code."""
    folder = tmp_path_factory.mktemp("released")
    with tarfile.open(Path(__file__).parent / "store" / "released.tar.xz") as tar:
        tar.extractall(folder, filter="data")
    return folder


@dataclass(frozen=True)
class CorpusTemplate:
    """Name of a database to clone from, after the whole flow over the sample corpus, and the requests that it took."""

    name: str
    requests: Any


@dataclass(frozen=True)
class CorpusRun:
    """A clone of it, to be read only."""

    db: Database
    url: str
    requests: Any


@pytest.fixture(scope="session")
def corpus_template(
    tmp_path_factory: pytest.TempPathFactory,
    server_url: Callable[[str], str],
    admin: Callable[[str], None],
    template: str,
) -> Iterator[CorpusTemplate]:
    """One run of the whole flow over the sample corpus, until nothing waits, for all tests that look at what came of it."""
    name = f"mw_corpus_{uuid.uuid4().hex[:8]}"
    admin(f"create database {name} template {template}")
    with corpus.Corpus(corpus.ROOT) as web, Database(server_url(name)) as db:
        settings = Settings(
            home=str(tmp_path_factory.mktemp("corpus")),
            database_url=server_url(name),
            hosts=web.hosts,
            host_spacing_s=0,
            retry_base_s=0.001,
            extract_workers=2,
        )
        subscribe(db, opml.read((corpus.ROOT / "feeds.opml").read_bytes()))
        run_once(db, settings, "test", force=True)
        while db.execute("select 1 from mediawatch.entry where status = 'pending' limit 1"):
            run_once(db, settings, "test")
        requests = web.requests
    yield CorpusTemplate(name, requests)
    admin(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def corpus_run(
    server_url: Callable[[str], str], admin: Callable[[str], None], corpus_template: CorpusTemplate
) -> Iterator[CorpusRun]:
    """The clone that all share which only read."""
    name = f"{corpus_template.name}_read"
    admin(f"create database {name} template {corpus_template.name}")
    with Database(server_url(name)) as db:
        yield CorpusRun(db, server_url(name), corpus_template.requests)
    admin(f"drop database {name} with (force)")


@pytest.fixture
def mails() -> Iterator[MailServer]:
    """A mail server on loopback."""
    with serving_mail() as server:
        yield server


@pytest.fixture
def hook() -> Iterator[Hook]:
    """An HTTP endpoint on loopback that takes JSON."""
    with serving_hook() as server:
        yield server
