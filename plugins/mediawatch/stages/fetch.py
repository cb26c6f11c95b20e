"""entries → pages: ask each host politely, archive what it answers, store where the bytes lie."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar
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
from mediawatch.web.magic import not_a_page
from mediawatch.web.pacing import Pacing, Reserve
from mediawatch.web.robots import Robots

T = TypeVar("T")
LONGEST_HOLD_S = 86_400
LONGEST_HOLD = timedelta(seconds=LONGEST_HOLD_S)
PAGES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
"""What a page may be labelled as; its first bytes are looked at too."""
DOWN = frozenset({Reason.DNS, Reason.CONNECTION, Reason.TIMEOUT})
DEAD = 3
"""So many failures of these kinds in a row, and a host is left alone for the rest of the batch."""


@dataclass(frozen=True)
class NotReached:
    """The entry was not asked for: no time is left, or its host is down."""


Answer = Response | Failure | NotReached | Exception
"""An exception is a bug that one entry has brought to light."""


@dataclass
class Haul:
    """What a fetch brought home, by entry id; entries in none of the three were not reached in time.

    Of a page what `keep` made of it is kept; the bytes are in the archive by then, and not in memory.
    """

    pages: dict[int, Any] = field(default_factory=dict)
    failures: dict[int, Failure] = field(default_factory=dict)
    broken: dict[int, Exception] = field(default_factory=dict)
    dead: dict[str, str] = field(default_factory=dict)
    """Hosts that were given up, and why."""


def fetch(db: Database, settings: Settings, batch: Batch) -> Counts:
    """Fetch a batch's pages within the time budget; counts of entries, pages, reasons and entries released."""
    rows = db.rows("entries.to_fetch", batch_id=batch.batch_id)
    if not rows:
        return tally([])
    file = f"{db.now():%Y/%m/%d}/batch-{batch.batch_id}-{uuid4().hex[:8]}.warc.gz"
    db.rows("pages.begin_file", file=file, batch_id=batch.batch_id)
    with WarcWriter(settings.archive_root, file) as archive:
        haul = asyncio.run(
            fetch_all(db, settings, rows, lambda row, page: page_row(row.entry_id, page, archive.write(page)))
        )
    # The file is complete and in its place; only now may rows point into it.
    now = db.now()
    moves = judge(settings, rows, haul, now)
    with db.transaction():
        db.many("pages.insert", list(haul.pages.values()))
        db.many("hosts.hold", holds(rows, haul, now))
        db.many("hosts.hold_dead", sorted(haul.dead.items()), base_s=settings.retry_base_s, most_s=LONGEST_HOLD_S)
        db.rows("hosts.revive", hosts=sorted({row.host for row in rows if row.entry_id in haul.pages}))
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
) -> Haul:
    """Ask for the `url` of each row (entry_id, url, host) within the time budget; `keep` archives an answer."""
    haul = Haul()
    async with Client.from_settings(settings) as client:
        visit = Visit(db, settings, client)

        async def one(row: Row) -> None:
            async with visit.page(row.url, row.host, headers(row)) as answer:
                if isinstance(answer, Response):
                    # Not in a thread: packing takes half a millisecond, handing the interpreter to and fro takes more.
                    haul.pages[row.entry_id] = keep(row, answer)
                elif isinstance(answer, Failure):
                    haul.failures[row.entry_id] = answer
                elif isinstance(answer, Exception):  # laid at this entry's door in fetch(), after the others are safe
                    haul.broken[row.entry_id] = answer

        tasks = [asyncio.create_task(one(row)) for row in rows]
        over, late = await asyncio.wait(tasks, timeout=settings.fetch_budget_s, return_when=asyncio.FIRST_EXCEPTION)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in over:
            task.result()  # an archive that cannot be written to is nobody's fault here: the stage fails
    haul.dead = visit.dead()
    return haul


class Visit:
    """One batch's way of asking: robots first, then a turn at the host, then the page."""

    def __init__(self, db: Database, settings: Settings, client: Client) -> None:
        self._max_bytes = settings.max_page_bytes
        self._client = client
        self._pacing = Pacing(settings.host_spacing_s, settings.host_concurrency, reserve=reserve_in(db))
        self._robots = Robots(client, self._pacing)
        self._slots = asyncio.Semaphore(settings.fetch_concurrency)
        self._deadline = time.monotonic() + settings.fetch_budget_s
        self._down: Counter[str] = Counter()
        self._last: dict[str, Failure] = {}

    @asynccontextmanager
    async def page(self, url: str, host: str, headers: Mapping[str, str]) -> AsyncIterator[Answer]:
        """What became of it, waiting as the host's manners ask.

        The request's place is kept while the block lasts: so many bodies are in memory, and no more.
        """
        refusal = await caught(self._refusal(url, host))
        if refusal is not None:
            yield refusal
            return
        async with self._pacing.turn(host), self._slots:
            yield await caught(self._ask(url, host, headers))

    def dead(self) -> dict[str, str]:
        """The hosts that were given up, and the last thing that happened there."""
        return {host: told(self._last[host]) for host, count in self._down.items() if count >= DEAD}

    async def _refusal(self, url: str, host: str) -> Answer | None:
        if self._given_up(host):
            return NotReached()
        allowed = await self._robots.allowed(url)
        if isinstance(allowed, Failure):
            if self._given_up(host):
                return NotReached()
            self._learn(allowed, host)
            return replace(allowed, detail=f"robots.txt: {allowed.detail}")
        return None if allowed else Failure(Reason.ROBOTS)

    async def _ask(self, url: str, host: str, headers: Mapping[str, str]) -> Answer:
        if self._given_up(host):  # while this one waited for its turn
            return NotReached()
        answer = await self._client.get(
            url, headers=headers, max_bytes=self._max_bytes, allow_types=PAGES, before_hop=self._pacing.spaced
        )
        self._learn(answer, host)
        if isinstance(answer, Failure) or answer.status == 304:
            return answer
        return not_a_page(answer) or answer

    def _given_up(self, host: str) -> bool:
        """Whether the host is down, or would have us wait beyond the batch's time."""
        late = time.monotonic() + self._pacing.ready_in_s(host) > self._deadline
        return late or self._down[host] >= DEAD

    def _learn(self, answer: Response | Failure, asked: str) -> None:
        if isinstance(answer, Response):
            self._down[asked] = 0
            return
        host = answering_host(answer, asked)
        self._down[host] = self._down[host] + 1 if answer.reason in DOWN else 0
        self._last[host] = answer
        if answer.retry_at:
            self._pacing.hold(host, answer.retry_at)


async def caught(asking: Coroutine[None, None, T]) -> T | Exception:
    """What it returns, or what it raises."""
    try:
        return await asking
    except Exception as error:
        return error


def reserve_in(db: Database) -> Reserve:
    """The turns at hosts as all workers share them."""

    def ask(host: str, spacing_s: float) -> float:
        return float(db.value("hosts.reserve", host=host, spacing_s=spacing_s))

    async def reserve(host: str, spacing_s: float) -> float:
        return await asyncio.to_thread(ask, host, spacing_s)

    return reserve


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
            asked[host] = (host, min(failure.retry_at, latest), told(failure))
    return sorted(asked.values())


def told(failure: Failure) -> str:
    """A failure as the reason for leaving a host alone."""
    return f"{failure.reason.value}: {failure.detail}"[:200]


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
