"""entries → pages: ask each host politely, archive what it answers, store where the bytes lie."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import uuid4

from mediawatch.errors import Reason
from mediawatch.models import Failure, Location, Response
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts, blame, tally
from mediawatch.store import ledger
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database, Row, json
from mediawatch.web.archive import WarcWriter
from mediawatch.web.client import Client
from mediawatch.web.pacing import Pacing
from mediawatch.web.robots import Robots

LONGEST_HOLD = timedelta(days=1)
HTML = frozenset({"text/html", "application/xhtml+xml"})


@dataclass
class Haul:
    """What a fetch brought home, by entry id; entries in none of the three were not reached in time.

    Of a page its row is kept; the bytes are in the archive by then, and not in memory.
    """

    pages: dict[int, tuple[object, ...]] = field(default_factory=dict)
    failures: dict[int, Failure] = field(default_factory=dict)
    broken: dict[int, Exception] = field(default_factory=dict)


def fetch(db: Database, settings: Settings, batch: Batch) -> Counts:
    """Fetch a batch's pages within the time budget; counts of entries, pages, reasons and entries released."""
    rows = db.rows("entries.to_fetch", batch_id=batch.batch_id)
    if not rows:
        return tally([])
    file = f"{db.now():%Y/%m/%d}/batch-{batch.batch_id}-{uuid4().hex[:8]}.warc.gz"
    db.rows("pages.begin_file", file=file, batch_id=batch.batch_id)
    with WarcWriter(settings.archive_root, file) as archive:
        haul = asyncio.run(_fetch_all(settings, rows, archive))
    # The file is complete and in its place; only now may rows point into it.
    now = db.now()
    moves = judge(settings, rows, haul, now)
    with db.transaction():
        db.many("pages.insert", list(haul.pages.values()))
        db.many("pages.hold_hosts", holds(rows, haul, now))
        ledger.settle(db, batch, "fetch", moves)
        released = 0 if haul.broken else len(db.rows("entries.release_unfetched", batch_id=batch.batch_id))
    left = [error for entry_id, error in haul.broken.items() if not blame(db, batch, "fetch", entry_id, repr(error))]
    if left:
        raise left[0]
    return {**tally(moves), "released": released}


async def _fetch_all(settings: Settings, rows: Sequence[Row], archive: WarcWriter) -> Haul:
    haul = Haul()
    async with Client.from_settings(settings) as client:
        visit = Visit(settings, client)
        writing = asyncio.Lock()

        async def one(row: Row) -> None:
            try:
                answer = await visit.get(row.url, row.host)
            except Exception as error:  # laid at this entry's door in fetch(), after the others are safe
                haul.broken[row.entry_id] = error
                return
            if isinstance(answer, Failure):
                haul.failures[row.entry_id] = answer
            elif answer:
                async with writing:  # in a thread: compressing a page must not hold up the others' answers
                    location = await asyncio.to_thread(archive.write, answer)
                haul.pages[row.entry_id] = page_row(row.entry_id, answer, location)

        tasks = [asyncio.create_task(one(row)) for row in rows]
        over, late = await asyncio.wait(tasks, timeout=settings.fetch_budget_s, return_when=asyncio.FIRST_EXCEPTION)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in over:
            task.result()  # an archive that cannot be written to is nobody's fault here: the stage fails
    return haul


class Visit:
    """One batch's way of asking: robots first, then a turn at the host, then the page."""

    def __init__(self, settings: Settings, client: Client) -> None:
        self._max_bytes = settings.max_page_bytes
        self._client = client
        self._pacing = Pacing(settings.host_spacing_s, settings.host_concurrency)
        self._robots = Robots(client, self._pacing)
        self._slots = asyncio.Semaphore(settings.fetch_concurrency)
        self._deadline = time.monotonic() + settings.fetch_budget_s

    async def get(self, url: str, host: str) -> Response | Failure | None:
        """The page, or why not; waits as the host's manners ask, and gives None where that is beyond the budget."""
        allowed = await self._robots.allowed(url)
        if isinstance(allowed, Failure):
            return replace(allowed, detail=f"robots.txt: {allowed.detail}")
        if not allowed:
            return Failure(Reason.ROBOTS)
        if time.monotonic() + self._pacing.ready_in_s(host) > self._deadline:
            return None
        async with self._pacing.turn(host), self._slots:
            answer = await self._client.get(url, max_bytes=self._max_bytes, allow_types=HTML)
        if isinstance(answer, Failure) and answer.retry_at:
            self._pacing.hold(answering_host(answer, host), answer.retry_at)
        return answer


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


def answering_host(failure: Failure, asked: str) -> str:
    """The host that a failure is from: where the redirects led, not where they began."""
    return (urlsplit(failure.hops[-1].location).hostname or asked) if failure.hops else asked


def holds(rows: Sequence[Row], haul: Haul, now: datetime) -> list[tuple[str, datetime, str]]:
    """(host, until, why) of each host that sent Retry-After, for a day at the most."""
    latest = now + LONGEST_HOLD
    hosts = {row.entry_id: row.host for row in rows}
    asked: dict[str, tuple[str, datetime, str]] = {}
    for entry_id, failure in haul.failures.items():
        host = answering_host(failure, hosts[entry_id])
        if failure.retry_at and (host not in asked or failure.retry_at > asked[host][1]):
            asked[host] = (host, min(failure.retry_at, latest), f"{failure.reason.value}: {failure.detail}"[:200])
    return sorted(asked.values())


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
    )
