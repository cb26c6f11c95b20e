"""A person's query: run with the analyst's rights alone, its rows a stream that never lies in memory whole.

What a person writes is only ever a value: `analyst.open_query` opens it as the role mediawatch_query, which nothing
in it can leave (sql/analyst/roles.sql says why).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import psycopg2

from mediawatch.errors import QueryError
from mediawatch.store.database import Database

ROWS = 5_000
"""Fetched at once."""
LIMIT_S = 60
"""For a statement, as the role analyst has it."""
_OURS = re.compile(r"^(?:QUERY|CONTEXT):", re.MULTILINE)
"""Where an error goes on to the function that opened the query, and to the query again, as long as it is."""
_VIEW = re.compile(r"\w+")

Columns = list[tuple[str, int]]
"""Name and type's oid of each."""


@contextmanager
def reading(db: Database, limit_s: int = LIMIT_S) -> Iterator[None]:
    """A read-only transaction for one query; each fetch of its rows may take `limit_s` (0: as long as it takes).

    QueryError, with what the server says, when the query is refused, and where there is no role to run it as.
    """
    try:
        with db.transaction():
            db.execute("set transaction read only")
            if not db.rows("export.may_ask"):
                raise QueryError("queries run as the role mediawatch_query, which is not there: see docs/security.md")
            db.execute("savepoint asked")
            db.rows("export.limit_time", seconds=limit_s)
            yield
            db.execute("rollback to asked")  # set_config() in a query would outlast it
    except psycopg2.Error as error:
        raise QueryError(_OURS.split(str(error))[0].strip()) from None


def query_of(what: str) -> str:
    """The query that a view's name stands for; a query as it is, without its semicolon."""
    what = what.strip().rstrip(";").strip()
    return f"table {what}" if _VIEW.fullmatch(what) else what


def opened(db: Database, query: str) -> tuple[Columns, str]:
    """Begin a query within :func:`reading`; its columns, and the statement that gives its next ROWS rows."""
    db.rows("export.open", query=query)
    with db.cursor() as cursor:
        cursor.execute("fetch 0 from asked")  # runs nothing: it tells the columns
        columns = [(column.name, column.type_code) for column in cursor.description]
    names, types = [name for name, _ in columns], [type_ for _, type_ in columns]
    return columns, db.value("export.next_rows", names=names, types=types, most=ROWS)


def copy_csv(db: Database, query: str, out: BinaryIO) -> None:
    """The rows as CSV (RFC 4180, UTF-8) with a header; arrays and JSON as Postgres writes them."""
    _, rows = opened(db, query)
    if _copy(db, f"copy ({rows}) to stdout with (format csv, header)", out):
        while _copy(db, f"copy ({rows}) to stdout with (format csv)", out):
            pass


def copy_json_lines(db: Database, query: str, out: BinaryIO) -> None:
    """The rows as JSON objects, one a line, UTF-8."""
    _, rows = opened(db, query)
    # JSON holds no control characters, so quoted by one of them and delimited by another it comes as it is.
    lines = f"select row_to_json(row_) from ({rows}) row_"  # noqa: S608 - columns' names, quoted by the server
    while _copy(db, f"copy ({lines}) to stdout with (format csv, quote e'\\x01', delimiter e'\\x02')", out):
        pass


def batches(db: Database, query: str) -> Iterator[tuple[Columns, list[tuple[Any, ...]]]]:
    """((column, type's oid), …) and rows, ROWS at a time; at least once, without rows where there are none."""
    columns, next_rows = opened(db, query)
    with db.cursor() as cursor:
        cursor.execute(next_rows)
        yield columns, cursor.fetchall()
        while cursor.rowcount == ROWS:
            cursor.execute(next_rows)
            if cursor.rowcount:
                yield columns, cursor.fetchall()


def _copy(db: Database, statement: str, out: BinaryIO) -> bool:
    """Whether there may be more."""
    with db.cursor() as cursor:
        cursor.copy_expert(statement, out)
        return bool(cursor.rowcount == ROWS)
