"""How a task asks hosts: robots.txt first, in turns that all workers share; none that is down or wants us to wait."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from mediawatch.errors import MediawatchError, OfflineError, Reason
from mediawatch.models import Failure, Response
from mediawatch.settings import Settings
from mediawatch.store.database import Database
from mediawatch.web.client import Client
from mediawatch.web.pacing import Pacing, Reserve
from mediawatch.web.robots import Robots, RobotsFile, Wait, origin_of

T = TypeVar("T")
LONGEST_HOLD = timedelta(days=1)
DOWN = frozenset({Reason.DNS, Reason.CONNECTION, Reason.TIMEOUT})
DEAD = 3
"""So many failures of these kinds in a row, and a host is left alone for the rest of the task."""


OFFLINE = 10
"""Where so many hosts were asked and not one was there, the fault is ours, and nothing is held against them."""


class NotReached:
    """It was not asked for: no time is left, its host is down, or wants us to wait."""


Answer = Response | Failure | NotReached | Exception
"""An exception is a bug that this one URL has brought to light."""


class Visit:
    """One task's requests, each at its host's turn, until the time budget is used up."""

    def __init__(self, settings: Settings, client: Client, reserve: Reserve, known: Iterable[RobotsFile] = ()) -> None:
        self._client = client
        self._pacing = Pacing(settings.host_spacing_s, settings.host_concurrency, reserve=reserve)
        self._slots = asyncio.Semaphore(settings.fetch_concurrency)
        self._robots = Robots(client, self._pacing, known, slots=self._slots)
        self._deadline = time.monotonic() + settings.fetch_budget_s
        self._down: Counter[str] = Counter()
        self._answered: set[str] = set()
        self._last: dict[str, Failure] = {}
        self._holds: dict[str, tuple[datetime, str]] = {}
        self._online = False

    @asynccontextmanager
    async def answer(self, url: str, *, robots: bool, **options: Any) -> AsyncIterator[Answer]:
        """What became of a `Client.get` with these options, waiting as the host's manners ask.

        The request's place is kept while the block lasts: so many bodies are in memory, and no more. With `robots`,
        robots.txt of its site, and of each other site that it is redirected to, decides first.
        """
        host = host_of(url)
        refusal = await _caught(self._refusal(url, host, robots))
        if refusal is not None:
            yield refusal
            return
        # Whoever waits in the queue of a host that turns out to be down, or to want a long wait, leaves it at once.
        async with self._pacing.turn(host, lambda: self._given_up(host)) as ours, self._slots:
            yield await _caught(self._ask(url, host, robots, options)) if ours else NotReached()

    def check_online(self) -> None:
        """OfflineError when all that was tried has failed to reach its host; to be asked before failures are stored."""
        if not self._online and len(self._last) >= OFFLINE:
            raise OfflineError(
                f"none of {len(self._last)} hosts can be reached: {told(next(iter(self._last.values())))}"
            )

    def last_of(self, host: str) -> Failure | None:
        """The last failure of a host."""
        return self._last.get(host)

    def dead(self) -> dict[str, str]:
        """The hosts that were given up, and the last thing that happened there."""
        return {host: told(self._last[host]) for host, count in self._down.items() if count >= DEAD}

    def store(self, db: Database, base_s: float) -> None:
        """Share with all workers what was learned of hosts; to be called in the transaction that stores the answers."""
        db.rows("hosts.serialise_learning")
        longest_s = LONGEST_HOLD.total_seconds()
        db.many("hosts.hold", [(host, until, why) for host, (until, why) in sorted(self._holds.items())])
        db.many("hosts.hold_dead", sorted(self.dead().items()), base_s=base_s, most_s=longest_s)
        db.rows("hosts.revive", hosts=sorted(self._answered))
        db.many("robots.keep", [robots_row(file) for _, file in sorted(self._robots.learned.items())])

    async def _refusal(self, url: str, host: str, robots: bool) -> NotReached | Failure | None:
        if self._given_up(host):
            return NotReached()
        verdict = await self._robots.allowed(url) if robots else True
        if isinstance(verdict, Wait):
            self._hold(host, verdict.until, verdict.why)
            return NotReached()
        if isinstance(verdict, Failure):
            if self._given_up(host):
                return NotReached()
            self._learn(verdict, host)
            return verdict
        return None if verdict else Failure(Reason.ROBOTS)

    async def _ask(self, url: str, host: str, robots: bool, options: dict[str, Any]) -> Answer:
        late = False

        async def before_hop(target: str) -> Failure | None:
            nonlocal late
            there = host_of(target)
            self._slots.release()  # one host's queue keeps no place from the others
            try:
                refusal = await self._refusal_of_hop(target, there, robots)
                if refusal or await self._pacing.spaced(there, lambda: self._given_up(there)):
                    return refusal
            finally:
                await self._slots.acquire()
            late = not self._shut(there)
            return self._shut(there) or Failure(Reason.TIMEOUT, f"no time is left for {there}")

        answer = await self._client.get(url, before_hop=before_hop, **options)
        if late:
            return NotReached()
        self._learn(answer, host)
        return answer

    async def _refusal_of_hop(self, target: str, there: str, robots: bool) -> Failure | None:
        if shut := self._shut(there):
            return shut
        verdict = await self._robots.allowed(target) if robots else True
        if isinstance(verdict, Wait):
            return Failure(Reason.SERVER_ERROR, verdict.why, verdict.until)
        if isinstance(verdict, Failure):
            return verdict
        return None if verdict else Failure(Reason.ROBOTS, f"of {there}, where it was redirected to")

    def _shut(self, host: str) -> Failure | None:
        """The last answer of a host that is given up: what any further request would be told."""
        last = self._last.get(host)
        return last if last and self._given_up(host) and (last.retry_at or self._is_dead(host)) else None

    def _given_up(self, host: str) -> bool:
        """Whether the host is down, or would have us wait beyond the task's time."""
        late = time.monotonic() + self._pacing.ready_in_s(host) > self._deadline
        return late or self._is_dead(host)

    def _is_dead(self, host: str) -> bool:
        return self._down[host] >= DEAD

    def _learn(self, answer: Response | Failure, asked: str) -> None:
        self._online = self._online or isinstance(answer, Response) or answer.reason not in DOWN
        if isinstance(answer, Response):
            self._down[asked] = 0
            self._answered.add(asked)
            return
        host = answering_host(answer, asked)
        self._down[host] = self._down[host] + 1 if answer.reason in DOWN else 0
        self._last[host] = answer
        if answer.retry_at:
            self._pacing.hold(host, answer.retry_at)
            self._hold(host, answer.retry_at, told(answer))

    def _hold(self, host: str, until: datetime, why: str) -> None:
        until = min(until, datetime.now(until.tzinfo) + LONGEST_HOLD)
        if host not in self._holds or until > self._holds[host][0]:
            self._holds[host] = until, why[:200]


def host_of(url: str) -> str:
    """The host that a URL names; '' for one that names none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def answering_host(failure: Failure, asked: str) -> str:
    """The host that a failure is from: where the redirects led, not where they began."""
    return (host_of(failure.hops[-1].location) or asked) if failure.hops else asked


def told(failure: Failure) -> str:
    """A failure as the reason for leaving a host alone."""
    return f"{failure.reason.value}: {failure.detail}"[:200]


def robots_row(file: RobotsFile) -> tuple[object, ...]:
    """A robots.txt's values in the order of robots.keep."""
    return (file.origin, file.body, file.fetched_at, file.expires_at, file.broken_since, file.why)


def known_robots(db: Database, urls: Iterable[str]) -> list[RobotsFile]:
    """What any worker has learned of these URLs' sites."""
    origins = {origin for url in urls if (origin := origin_of(url))}
    rows = db.rows("robots.known", origins=sorted(origins))
    bodies = [None if row.body is None else bytes(row.body) for row in rows]
    return [RobotsFile(**{**row._asdict(), "body": body}) for row, body in zip(rows, bodies, strict=True)]


def reserve_in(db: Database) -> Reserve:
    """The turns at hosts as all workers share them; over a connection that is in no transaction meanwhile."""

    def ask(host: str, spacing_s: float) -> float:
        return float(db.value("hosts.reserve", host=host, spacing_s=spacing_s))

    async def reserve(host: str, spacing_s: float) -> float:
        return await asyncio.to_thread(ask, host, spacing_s)

    return reserve


async def within(budget_s: float, work: Iterable[Coroutine[None, None, None]]) -> None:
    """Run all of it at once, cancelling what is not done in time; the first exception ends it and is raised."""
    tasks = [asyncio.create_task(each) for each in work]
    if not tasks:
        return
    over, late = await asyncio.wait(tasks, timeout=budget_s, return_when=asyncio.FIRST_EXCEPTION)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in over:
        task.result()


async def _caught(asking: Coroutine[None, None, T]) -> T | Exception:
    """What it returns, or what it raises; what a person has to put right is raised on, being no URL's fault."""
    try:
        return await asking
    except MediawatchError:
        raise
    except Exception as error:
        return error
