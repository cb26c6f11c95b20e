"""Rows of an analyst's query as a stream: what a query answers never lies in memory whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import psycopg2
from psycopg2 import sql

from mediawatch.errors import QueryError
from mediawatch.store.database import Database

ROWS = 5_000
"""Fetched at once."""
_VIEW = re.compile(r"\w+")


@contextmanager
def reading(db: Database) -> Iterator[None]:
    """Statements run as the role analyst where we may take it, read-only and without a time limit.

    QueryError, with what the server says, when a statement is refused.
    """
    try:
        with db.transaction():
            db.execute("set transaction read only")
            if db.rows("export.may_be_analyst"):
                db.execute("set local role analyst")
            db.execute("set local search_path = analyst; set local statement_timeout = 0")
            yield
    except psycopg2.Error as error:
        raise QueryError(str(error).strip()) from None


def query_of(what: str) -> str:
    """The query that a view's name stands for; a query as it is, without its semicolon."""
    what = what.strip().rstrip(";").strip()
    return f"table {what}" if _VIEW.fullmatch(what) else what


def copy_csv(db: Database, query: str, out: BinaryIO) -> None:
    """The rows as CSV (RFC 4180, UTF-8) with a header; arrays and JSON as Postgres writes them."""
    _copy(db, f"copy ({query}\n) to stdout with (format csv, header)", out)


def copy_json_lines(db: Database, query: str, out: BinaryIO) -> None:
    """The rows as JSON objects, one a line, UTF-8."""
    # JSON holds no control characters, so quoted by one of them and delimited by another it comes as it is.
    rows = f"select row_to_json(row_) from ({query}\n) row_"  # noqa: S608 - a person's own query, as the role analyst
    _copy(db, f"copy ({rows}) to stdout with (format csv, quote e'\\x01', delimiter e'\\x02')", out)


def batches(db: Database, query: str) -> Iterator[tuple[list[tuple[str, int]], list[tuple[Any, ...]]]]:
    """((column, type's oid), …) and rows, ROWS at a time; at least once, without rows where there are none."""
    with db.cursor("export") as cursor:
        cursor.itersize = ROWS
        cursor.execute(sql.SQL(query.replace("%", "%%")), ())
        rows = cursor.fetchmany(ROWS)
        columns = [(column.name, column.type_code) for column in cursor.description]
        yield columns, rows
        while rows := cursor.fetchmany(ROWS):
            yield columns, rows


def _copy(db: Database, statement: str, out: BinaryIO) -> None:
    with db.cursor() as cursor:
        cursor.copy_expert(statement, out)
