"""One connection to mediawatch's Postgres: named statements in, rows out, and explicit transactions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from json import dumps
from typing import Any

import psycopg2
import psycopg2.errors
from psycopg2.extensions import AsIs, make_dsn, parse_dsn
from psycopg2.extras import Json, NamedTupleCursor

from mediawatch.errors import StoreError
from mediawatch.store.queries import statements

Row = Any
"""A namedtuple with a field for each column."""

TooLong = psycopg2.errors.QueryCanceled
"""A statement that ran into its time limit."""

BadValue = psycopg2.DataError
"""A value that the server cannot read: a number out of range, a text that is no time."""

DataError = psycopg2.Error
"""Whatever the server refuses."""
Conflict = psycopg2.errors.DeadlockDetected, psycopg2.errors.SerializationFailure
"""The server has undone one of two transactions that stood in each other's way: done again, it succeeds."""

NOTICE_DEATH: dict[str, Any] = {"keepalives_idle": 60, "keepalives_interval": 15, "keepalives_count": 4}
"""A server whose machine has vanished is given up after two minutes of silence; Linux by itself waits for two hours."""
OPTIONS = "-c search_path=mediawatch -c timezone=UTC -c jit=off"
"""JIT off: our statements touch few rows, and where a server has it, compiling one takes longer than running it."""
PAGE_ROWS = 1_000
AS_THEY_ARE = frozenset({int, float, bool, bytes, datetime, type(None)})
"""Types whose values need no `bound`: most of what is stored."""
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, which Postgres refuses, and halves of characters, which UTF-8 cannot write; feeds and pages hold both."""


class Database:
    """A connection that commits at the end of each :meth:`transaction`, and after each statement outside of one."""

    def __init__(self, url: str, *, application: str = "mediawatch") -> None:
        self._url = url
        self._application = application
        try:
            self._connection = psycopg2.connect(url, application_name=application, options=OPTIONS, **NOTICE_DEATH)
        except (psycopg2.OperationalError, psycopg2.ProgrammingError) as error:
            raise StoreError(f"cannot connect to mediawatch's database: {str(error).strip()}") from None
        self._connection.autocommit = True

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; what was not committed is rolled back."""
        self._connection.close()

    def another(self) -> Database:
        """A further connection to the same database."""
        return Database(self._url, application=self._application)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside commit together, or not at all."""
        self._connection.autocommit = False
        try:
            with self._connection:
                yield
        finally:
            if not self._connection.closed:
                self._connection.autocommit = True

    def rows(self, name: str, /, **values: object) -> list[Row]:
        """Run the statement `name` ("file.statement") and return its rows."""
        return self.execute(statements()[name], values)

    def row(self, name: str, /, **values: object) -> Row | None:
        """The first row, or None."""
        found = self.rows(name, **values)
        return found[0] if found else None

    def value(self, name: str, /, **values: object) -> Any:
        """The first column of the only row; LookupError when there is none."""
        found = self.row(name, **values)
        if found is None:
            raise LookupError(f"{name} found no row")
        return found[0]

    def many(self, name: str, rows: Sequence[Sequence[object]], /, **values: object) -> list[Row]:
        """Run a statement with `values %s` over all `rows` in few round trips; the rows that it returns."""
        if not rows:
            return []
        returned: list[Row] = []
        with self._connection.cursor(cursor_factory=NamedTupleCursor) as cursor:
            text = statements()[name]
            if values:
                text = cursor.mogrify(text.replace("values %s", "values %%s"), values).decode()
            one = f"({','.join(['%s'] * len(rows[0]))})"
            for at in range(0, len(rows), PAGE_ROWS):
                page = rows[at : at + PAGE_ROWS]
                flat = [v if type(v) in AS_THEY_ARE else bound(v) for row in page for v in row]
                cursor.execute(text.replace("%s", ",".join([one] * len(page)), 1), flat)
                returned += cursor.fetchall() if cursor.description else []
        return returned

    def execute(self, text: str, values: Mapping[str, object] | None = None) -> list[Row]:
        """Run SQL text as it stands, for what has no name: migrations, statistics, tests."""
        with self._connection.cursor(cursor_factory=NamedTupleCursor) as cursor:
            known = {name: bound(value) for name, value in values.items()} if values else None
            cursor.execute(text, known)
            return list(cursor.fetchall()) if cursor.description else []

    def cursor(self, name: str | None = None) -> Any:
        """psycopg2's own cursor, for what streams; with a name it stays on the server, within a transaction."""
        return self._connection.cursor(name)

    def now(self) -> datetime:
        """The server's clock: the one that all workers share."""
        return self.execute("select clock_timestamp()")[0][0]  # type: ignore[no-any-return]


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """A libpq URL as libpq's keywords without the password, and the environment that tells it to a program instead.

    Every user of a machine sees the arguments of all programs, but not their environment.
    """
    parts = parse_dsn(url)
    password = parts.pop("password", None)
    return make_dsn(**parts), {"PGPASSWORD": password} if password else {}


def plain(row: Row | None) -> Any:
    """A row as a dict, digests as hexadecimal text; None for no row."""
    if row is None:
        return None
    return {k: bytes(v).hex() if isinstance(v, memoryview) else v for k, v in row._asdict().items()}


def bound(value: Any) -> Any:
    """The value as statements take it; whole numbers as one literal: of ARRAY[…] the server parses each by itself."""
    if isinstance(value, list) and value and all(type(item) is int for item in value):
        for kind, limit in (("int", 1 << 31), ("bigint", 1 << 63)):
            if -limit <= min(value) and max(value) < limit:
                return AsIs(f"'{{{','.join(map(str, value))}}}'::{kind}[]")
    return storable(value)


def storable(value: Any) -> Any:
    """The value without what Postgres cannot hold, in text and in lists of text."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return UNSTORABLE.sub("", value)
        return value.replace("\0", "")
    return [storable(item) for item in value] if isinstance(value, list) else value


def json(value: object) -> Json:
    """A value for a jsonb column."""
    return Json(value, dumps=lambda it: storable(dumps(it, ensure_ascii=False)))
