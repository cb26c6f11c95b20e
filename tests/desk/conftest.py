"""The desk without Airflow: a client of the app, whose rights are what the test says."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import HTTPException
from mediawatch.desk.app import create_app
from mediawatch.desk.rights import User
from mediawatch.feeds import opml
from mediawatch.local import corpus
from mediawatch.settings import Settings
from mediawatch.stages.flow import run_once
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from starlette.testclient import TestClient

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
"""What a browser sends with a form of the desk's own."""


def granted() -> None:
    """A right that everybody has."""


def refused() -> None:
    """A right that nobody has."""
    raise HTTPException(403, "Forbidden")


@pytest.fixture(scope="session")
def corpus_template(
    server_url: Callable[[str], str],
    admin: Callable[[str], None],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Name of a database to clone from, with the sample corpus polled, fetched and loaded."""
    name = f"mw_corpus_{uuid.uuid4().hex[:8]}"
    admin(f"create database {name} template {template}")
    with corpus.Corpus(corpus.ROOT) as web, Database(server_url(name)) as db:
        subscribe(db, opml.read((corpus.ROOT / "feeds.opml").read_bytes()))
        home = str(tmp_path_factory.mktemp("corpus"))
        settings = Settings(home=home, hosts=web.hosts, host_spacing_s=0, retry_base_s=0.01, extract_workers=2)
        run_once(db, settings, "test")
    yield name
    admin(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def corpus_reading(
    server_url: Callable[[str], str], admin: Callable[[str], None], corpus_template: str
) -> Iterator[str]:
    """libpq URL of one database with the sample corpus, for all tests that only read it."""
    name = f"{corpus_template}_read"
    admin(f"create database {name} template {corpus_template}")
    yield server_url(name)
    admin(f"drop database {name} with (force)")


@pytest.fixture
def writes() -> None:
    """Asked for by a test that changes the corpus's database: it gets one of its own."""


@pytest.fixture
def corpus_url(request: pytest.FixtureRequest) -> str:
    """libpq URL of the sample corpus's database; a module calls it `database_url` to use it."""
    own = "writes" in request.fixturenames
    url: str = request.getfixturevalue("corpus_database" if own else "corpus_reading")
    return url


@pytest.fixture
def corpus_database(
    server_url: Callable[[str], str], admin: Callable[[str], None], corpus_template: str
) -> Iterator[str]:
    """libpq URL of a database of this test's own with the sample corpus."""
    name = f"mw_{uuid.uuid4().hex[:12]}"
    admin(f"create database {name} template {corpus_template}")
    yield server_url(name)
    admin(f"drop database {name} with (force)")


@pytest.fixture
def desk(database_url: str) -> Iterator[Callable[..., TestClient]]:
    """desk(reading=granted, writing=granted) → a client of the app as it is mounted in Airflow, at /mediawatch."""
    opened: list[TestClient] = []

    def client(reading: Any = granted, writing: Any = granted) -> TestClient:
        app = create_app(
            lambda: Database(database_url),
            reading=reading,
            writing=writing,
            who=lambda: User("ann", may_write=writing is granted),
        )
        opened.append(TestClient(app, base_url="http://airflow.example", root_path="/mediawatch"))
        return opened[-1]

    yield client
    for each in opened:
        each.close()


@pytest.fixture
def reader(desk: Callable[..., TestClient]) -> TestClient:
    """A client with every right."""
    return desk()
