"""AMP twins of pages whose own text is missing or a stub: asked for once, archived like any page, read instead."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import uuid4

from mediawatch.models import Extracted, Failure, Location, Rejected, Response
from mediawatch.settings import Settings
from mediawatch.stages.fetch import fetch_all
from mediawatch.stages.visit import Visit
from mediawatch.store.database import Database, Row
from mediawatch.web.archive import WarcWriter

BUDGET_S = 30.0
"""Of a chunk of pages: what is not reached by then is left, and the page stands as it is."""
NEWEST = timedelta(days=1)
"""Of a page that was fetched longer ago, as those of an imported archive, the twin would be another version."""


class Wanted(NamedTuple):
    """A twin to be asked for."""

    entry_id: int
    url: str


@dataclass(frozen=True)
class Twins:
    """What was fetched: by entry id the values of pages.insert_twins; and what was learned of the hosts."""

    rows: Mapping[int, tuple[object, ...]]
    visit: Visit | None = None

    def of(self, row: Row) -> Row:
        """A page's row with its twin."""
        _, url, content_type, _, _, _, file, offset, length = self.rows[row.entry_id]
        return row._replace(
            twin_url=url, twin_type=content_type, twin_file=file, twin_offset=offset, twin_length=length
        )

    def store(self, db: Database, settings: Settings) -> None:
        """To be called in the transaction that stores what was made of them."""
        db.many("pages.insert_twins", list(self.rows.values()))
        if self.visit:
            self.visit.store(db, settings.retry_base_s)


def fetch(
    db: Database, settings: Settings, batch_id: int, rows: Sequence[Row], results: Mapping[int, Extracted | Failure]
) -> Twins:
    """Ask for the twins that these pages name and that nobody has asked for; robots.txt and spacing as for any page."""
    since = db.now() - NEWEST
    fresh = (row for row in rows if row.fetched_at >= since and row.twin_file is None)
    wanted = [Wanted(row.entry_id, url) for row in fresh if (url := _twin_url(results.get(row.entry_id)))]
    if not wanted:
        return Twins({})
    file = f"{db.now():%Y/%m/%d}/batch-{batch_id}-twins-{uuid4().hex[:8]}.warc.gz"
    db.rows("pages.begin_file", file=file, batch_id=batch_id)
    bounded = replace(settings, fetch_budget_s=min(BUDGET_S, settings.fetch_budget_s))
    with WarcWriter(settings.archive_root, file) as archive:
        keep = fetch_all(db, bounded, wanted, lambda row, page: _twin_row(row, page, archive.write(page)))
        haul, visit = asyncio.run(keep)
    return Twins(haul.pages, visit)


def _twin_url(result: Extracted | Failure | None) -> str | None:
    article = result.article if isinstance(result, Rejected) else result
    return article.twin_url if isinstance(article, Extracted) else None


def _twin_row(row: Wanted, page: Response, at: Location) -> tuple[object, ...]:
    digest, size = sha256(page.body).digest(), len(page.body)
    label = page.header("Content-Type")
    return (row.entry_id, page.final_url, label, page.fetched_at, size, digest, at.file, at.offset, at.length)
