"""The desk without Airflow: a client of the app, whose rights are what the test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
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
