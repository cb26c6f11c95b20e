"""A database of a benchmark's own: an embedded Postgres in a temporary folder, migrated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mediawatch.local import postgres
from mediawatch.settings import Settings
from mediawatch.store.database import Database
from mediawatch.store.migrate import migrate


@contextmanager
def fresh() -> Iterator[tuple[Database, Settings]]:
    """A connection to it and the settings that lead there, while the block runs."""
    with TemporaryDirectory() as folder:
        server = postgres.start(Path(folder))
        try:
            url = server.url("postgres")
            with Database(url) as db:
                migrate(db)
                yield db, Settings(home=folder, database_url=url, host_spacing_s=0)
        finally:
            server.stop()
