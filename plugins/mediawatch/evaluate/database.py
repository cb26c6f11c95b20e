"""Labelled articles in a database of their own, where a batch of them waits for `deduplicate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from mediawatch.evaluate.labelled import Labelled
from mediawatch.local import postgres
from mediawatch.store.database import Database
from mediawatch.store.migrate import migrate

OWNER = "evaluation"


@contextmanager
def fresh() -> Iterator[str]:
    """The libpq URL of a migrated database on an embedded server of its own, while the block runs."""
    with TemporaryDirectory(prefix="mediawatch-evaluation-") as folder:
        server = postgres.start(Path(folder), durable=False)
        try:
            with Database(server.url("postgres")) as db:
                migrate(db)
            yield server.url("postgres")
        finally:
            server.stop()


def insert(db: Database, rows: Sequence[Labelled], first: int = 0) -> int:
    """The batch of these articles, as extraction leaves them; `first` numbers the first of them."""
    db.many("evaluate.insert_sources", sorted({(row.source,) for row in rows}))
    values = [
        (
            first + number,
            row.source,
            url_of(row),
            sha256(url_of(row).encode()).digest()[:16],
            row.title,
            row.text,
            sha256(row.text.encode(errors="replace")).digest(),
            row.language,
            len(row.text.split()),
            row.published,
        )
        for number, row in enumerate(rows)
    ]
    with db.transaction():
        batch = db.value("evaluate.insert_batch", owner=OWNER, entries=len(rows))
        db.many("evaluate.insert_articles", values, batch_id=batch)
    return int(batch)


def url_of(row: Labelled) -> str:
    """The URL that stands for an id."""
    return f"http://evaluation.invalid/{sha256(row.id.encode()).hexdigest()[:32]}"
