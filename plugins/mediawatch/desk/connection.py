"""A page's database: one transaction, read-only and with a time limit where the page only reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request

from mediawatch.store.database import Database

LIMITS = "set transaction isolation level repeatable read, read only; set local statement_timeout = '15s'"


def _reading(request: Request) -> Iterator[Database]:
    with request.app.state.connect() as db, db.transaction():
        db.execute(LIMITS)
        yield db


def _writing(request: Request) -> Iterator[Database]:
    with request.app.state.connect() as db:
        yield db


Reading = Annotated[Database, Depends(_reading)]
"""For a page: all its statements see one state of the database."""
Writing = Annotated[Database, Depends(_writing)]
"""For a form: what it calls makes its own transactions."""
