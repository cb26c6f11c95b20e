"""The desk without Airflow: a client of the app, whose rights are what the test says."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import CorpusTemplate
from fastapi import HTTPException
from mediawatch.desk.app import create_app
from mediawatch.desk.rights import User
from mediawatch.store.database import Database
from starlette.testclient import TestClient

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
"""What a browser sends with a form of the desk's own."""


def granted() -> None:
    """A right that everybody has."""


def refused() -> None:
    """A right that nobody has."""
    raise HTTPException(403, "Forbidden")


@pytest.fixture
def writes() -> None:
    """Asked for by a test that changes the corpus's database: it gets one of its own."""


@pytest.fixture
def corpus_url(request: pytest.FixtureRequest) -> str:
    """libpq URL of the sample corpus's database; a module calls it `database_url` to use it."""
    own = "writes" in request.fixturenames
    url: str = request.getfixturevalue("corpus_database") if own else request.getfixturevalue("corpus_run").url
    return url


@pytest.fixture
def corpus_database(
    server_url: Callable[[str], str], admin: Callable[[str], None], corpus_template: CorpusTemplate
) -> Iterator[str]:
    """libpq URL of a database of this test's own with the sample corpus."""
    name = f"mw_{uuid.uuid4().hex[:12]}"
    admin(f"create database {name} template {corpus_template.name}")
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
