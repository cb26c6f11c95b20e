"""entries → pages: ask each host politely, archive what it answers, store where the bytes lie."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from mediawatch.models import Failure, Location, Response
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts, blame, tally
from mediawatch.stages.visit import LONGEST_HOLD, Visit, known_robots, reserve_in, within
from mediawatch.store import ledger
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database, Row, json
from mediawatch.web.archive import WarcWriter
from mediawatch.web.archive_files import check_room
from mediawatch.web.client import Client
from mediawatch.web.magic import not_a_page

GIVE_UPS = 10
"""A host that was left alone so often in a row, twice as long each time (three days in all), is not waited for."""
PAGES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
"""What a page may be labelled as; its first bytes are looked at too."""


@dataclass
class Haul:
    """What a fetch brought home, by entry id; entries in none of the three were not reached in time.

    Of a page what `keep` made of it is kept; the bytes are in the archive by then, and not in memory.
    """

    pages: dict[int, Any] = field(default_factory=dict)
    failures: dict[int, Failure] = field(default_factory=dict)
    broken: dict[int, Exception] = field(default_factory=dict)


def fetch(db: Database, settings: Settings, batch: Batch) -> Counts:
    """Fetch a batch's pages within the time budget; counts of entries, pages, reasons and entries released."""
    rows = db.rows("entries.to_fetch", batch_id=batch.batch_id)
    if not rows:
        return tally([])
    check_room(settings.archive_root, settings.archive_free_mb)
    file = f"{db.now():%Y/%m/%d}/batch-{batch.batch_id}-{uuid4().hex[:8]}.warc.gz"
    db.rows("pages.begin_file", file=file, batch_id=batch.batch_id)
    with WarcWriter(settings.archive_root, file) as archive:
        haul, visit = asyncio.run(
            fetch_all(db, settings, rows, lambda row, page: page_row(row.entry_id, page, archive.write(page)))
        )
    # The file is complete and in its place; only now may rows point into it.
    visit.check_online()
    now = db.now()
    moves = judge(settings, rows, haul, now)
    with db.transaction():
        db.many("pages.insert", list(haul.pages.values()))
        visit.store(db, settings.retry_base_s)
        moves += lost(db, rows, haul, visit)
        ledger.settle(db, batch, "fetch", moves)
        released = 0 if haul.broken else len(db.rows("entries.release_unfetched", batch_id=batch.batch_id))
    left = [error for entry_id, error in haul.broken.items() if not blame(db, batch, "fetch", entry_id, repr(error))]
    if left:
        raise left[0]
    return {**tally(moves), "released": released}


def no_headers(row: Row) -> Mapping[str, str]:
    """A fetch that asks for the whole page."""
    return {}


async def fetch_all(
    db: Database,
    settings: Settings,
    rows: Sequence[Row],
    keep: Callable[[Row, Response], object],
    headers: Callable[[Row], Mapping[str, str]] = no_headers,
) -> tuple[Haul, Visit]:
    """Ask for the `url` of each row (entry_id, url) within the time budget; `keep` archives an answer."""
    haul = Haul()
    known = known_robots(db, (row.url for row in rows))
    async with Client.from_settings(settings) as client:
        visit = Visit(settings, client, reserve_in(db), known)

        async def one(row: Row) -> None:
            options = {"headers": headers(row), "max_bytes": settings.max_page_bytes, "allow_types": PAGES}
            async with visit.answer(row.url, robots=True, **options) as answer:
                found = answer
                if isinstance(answer, Response) and answer.status != HTTPStatus.NOT_MODIFIED:
                    found = not_a_page(answer) or answer
                if isinstance(found, Response):
                    # Not in a thread: packing takes half a millisecond, handing the interpreter to and fro takes more.
                    haul.pages[row.entry_id] = keep(row, found)
                elif isinstance(found, Failure):
                    haul.failures[row.entry_id] = found
                elif isinstance(found, Exception):  # laid at this entry's door in fetch(), after the others are safe
                    haul.broken[row.entry_id] = found

        # An archive that cannot be written to is nobody's fault here: the stage fails.
        await within(settings.fetch_budget_s, map(one, rows))
    return haul, visit


def judge(settings: Settings, rows: Sequence[Row], haul: Haul, now: datetime) -> list[ledger.Move]:
    """Pages go on to extraction; what may pass is tried again later, twice as late each time; the rest ends here."""
    moves = [ledger.Move(entry_id, "extract") for entry_id in haul.pages]
    attempts = {row.entry_id: row.attempts for row in rows}
    for entry_id, failure in haul.failures.items():
        again = failure.reason.retried and attempts[entry_id] + 1 < settings.fetch_attempts
        wait = timedelta(seconds=settings.retry_base_s * 2 ** attempts[entry_id])
        ready_at = max(now + wait, min(failure.retry_at or now, now + LONGEST_HOLD)) if again else None
        stage = "fetch" if again else "done"
        moves.append(ledger.Move(entry_id, stage, failure.reason, failure.detail, ready_at))
    return moves


def lost(db: Database, rows: Sequence[Row], haul: Haul, visit: Visit) -> list[ledger.Move]:
    """The ends of entries that were not asked for, because their host has been given up for days on end."""
    gone = {row.host for row in db.rows("hosts.given_up_often", hosts=sorted(visit.dead()), times=GIVE_UPS)}
    asked = haul.pages.keys() | haul.failures.keys() | haul.broken.keys()
    ends = []
    for row in rows:
        failure = visit.last_of(row.host)
        if row.host in gone and row.entry_id not in asked and failure:
            detail = f"its host was given up {GIVE_UPS} times in a row; the last time: {failure.detail}"
            ends.append(ledger.Move(row.entry_id, "done", failure.reason, detail))
    return ends


def page_row(entry_id: int, response: Response, location: Location) -> tuple[object, ...]:
    """A page's values in the order of pages.insert."""
    return (
        entry_id,
        response.final_url,
        json([asdict(hop) for hop in response.hops]),
        response.status,
        response.header("Content-Type"),
        response.fetched_at,
        response.elapsed_ms,
        len(response.body),
        sha256(response.body).digest(),
        location.file,
        location.offset,
        location.length,
        response.header("ETag"),
        response.header("Last-Modified"),
    )
