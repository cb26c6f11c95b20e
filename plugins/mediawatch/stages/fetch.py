"""entries → pages: ask each host politely, archive what it answers, store where the bytes lie."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
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

HTML = frozenset({"text/html", "application/xhtml+xml"})


@dataclass
class Haul:
    """What a fetch brought home, by entry id; entries in none of the three were not reached in time."""

    pages: dict[int, tuple[Response, Location]] = field(default_factory=dict)
    failures: dict[int, Failure] = field(default_factory=dict)
    broken: dict[int, Exception] = field(default_factory=dict)


def fetch(db: Database, settings: Settings, batch: Batch) -> Counts:
    """Fetch a batch's pages within the time budget; counts of entries, pages, reasons and entries released."""
    rows = db.rows("entries.to_fetch", batch_id=batch.batch_id)
    if not rows:
        return tally([])
    file = f"{db.now():%Y/%m/%d}/batch-{batch.batch_id}-{uuid4().hex[:8]}.warc.gz"
    with WarcWriter(settings.archive_root, file) as archive:
        haul = asyncio.run(_fetch_all(settings, rows, archive))
    # The file is complete and in its place; only now may rows point into it.
    verdicts = judge(settings, rows, haul, db.now())
    with db.transaction():
        db.many("pages.insert", [page_row(entry_id, *page) for entry_id, page in haul.pages.items()])
        db.many("pages.hold_hosts", holds(rows, haul))
        ledger.settle(db, batch.batch_id, "fetch", verdicts)
        released = 0 if haul.broken else len(db.rows("entries.release_unfetched", batch_id=batch.batch_id))
    for entry_id, error in haul.broken.items():
        if not blame(db, batch, "fetch", entry_id, repr(error)):
            raise error
    return {**tally(verdicts), "released": released}


async def _fetch_all(settings: Settings, rows: Sequence[Row], archive: WarcWriter) -> Haul:
    haul = Haul()
    async with Client.from_settings(settings) as client:
        visit = Visit(settings, client)

        async def one(row: Row) -> None:
            try:
                answer = await visit.get(row.url, row.host)
                if isinstance(answer, Failure):
                    haul.failures[row.entry_id] = answer
                elif answer:
                    haul.pages[row.entry_id] = (answer, archive.write(answer))
            except Exception as error:  # laid at this entry's door in fetch(), after the others are safe
                haul.broken[row.entry_id] = error

        tasks = [asyncio.create_task(one(row)) for row in rows]
        _, late = await asyncio.wait(tasks, timeout=settings.fetch_budget_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
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
            return allowed
        if not allowed:
            return Failure(Reason.ROBOTS)
        if time.monotonic() + self._pacing.ready_in_s(host) > self._deadline:
            return None
        async with self._pacing.turn(host), self._slots:
            answer = await self._client.get(url, max_bytes=self._max_bytes, allow_types=HTML)
        if isinstance(answer, Failure) and answer.retry_at:
            self._pacing.hold(host, answer.retry_at)
        return answer


def judge(settings: Settings, rows: Sequence[Row], haul: Haul, now: datetime) -> list[ledger.Verdict]:
    """Pages go on to extraction; what may pass is tried again later, twice as late each time; the rest ends here."""
    verdicts = [ledger.Verdict(entry_id, "extract") for entry_id in haul.pages]
    attempts = {row.entry_id: row.attempts for row in rows}
    for entry_id, failure in haul.failures.items():
        again = failure.reason.retried and attempts[entry_id] + 1 < settings.fetch_attempts
        wait = timedelta(seconds=settings.retry_base_s * 2 ** attempts[entry_id])
        ready_at = max(now + wait, failure.retry_at or now) if again else None
        stage = "fetch" if again else "done"
        verdicts.append(ledger.Verdict(entry_id, stage, failure.reason, failure.detail, ready_at))
    return verdicts


def holds(rows: Sequence[Row], haul: Haul) -> list[tuple[str, datetime, str]]:
    """(host, until, why) of each host that sent Retry-After."""
    hosts = {row.entry_id: row.host for row in rows}
    asked: dict[str, tuple[str, datetime, str]] = {}
    for entry_id, failure in haul.failures.items():
        host = hosts[entry_id]
        if failure.retry_at and (host not in asked or failure.retry_at > asked[host][1]):
            asked[host] = (host, failure.retry_at, f"{failure.reason.value}: {failure.detail}"[:200])
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
