"""Manners towards hosts: how many requests at once, how far apart, and waiting when a host asks for it.

Turns hold within one process; a `reserve` that all processes share makes the spacing hold among them too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timezone

Sleep = Callable[[float], Awaitable[None]]
Reserve = Callable[[str, float], Awaitable[float]]
"""`reserve(host, spacing_s)`: takes the host's next free moment and says how many seconds away that is."""
Vain = Callable[[], bool]
"""Whether waiting for a host has become vain: it is asked anew before each wait."""


def _never() -> bool:
    return False


def _now() -> datetime:
    return datetime.now(timezone.utc)


class Pacing:
    """Turns for hosts, first come first served within a host; one host's queue never holds up another's."""

    def __init__(
        self,
        spacing_s: float,
        concurrency: int,
        *,
        reserve: Reserve | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._spacing_s = spacing_s
        self._concurrency = concurrency
        self._reserve = reserve
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str, vain: Vain = _never) -> AsyncIterator[bool]:
        """Waits until the host may be asked; the block is the request, told False where waiting was vain.

        Not to be nested for one host.
        """
        async with self._host(host).slots:
            yield await self.spaced(host, vain)

    async def spaced(self, host: str, vain: Vain = _never) -> bool:
        """Waits for the spacing alone: for a redirect's next hop, while the first host's turn is still held.

        False, and the host may not be asked, where waiting was vain.
        """
        state = self._host(host)
        async with state.gate:
            if not await self._ready(host, vain):
                return False
            if self._reserve and state.spacing_s > 0:
                wait_s = await self._reserve(_key(host), state.spacing_s)
                state.not_before = max(state.not_before, self._clock() + wait_s)
                if not await self._ready(host, vain):
                    return False
            state.not_before = max(state.not_before, self._clock() + state.spacing_s)
            return True

    async def _ready(self, host: str, vain: Vain) -> bool:
        while not vain():
            wait_s = self.ready_in_s(host)
            if wait_s <= 0:
                return True
            await self._sleep(wait_s)
        return False

    def ready_in_s(self, host: str) -> float:
        """Seconds until the host may be asked again, 0 if now; does not count who is queued before."""
        return max(0.0, self._host(host).not_before - self._clock())

    def hold(self, host: str, until: datetime) -> None:
        """No request to the host before `until` (Retry-After); those that already wait, wait longer."""
        state = self._host(host)
        state.not_before = max(state.not_before, self._clock() + (until - self._now()).total_seconds())

    def space(self, host: str, spacing_s: float) -> None:
        """The host asks for this spacing (Crawl-delay); the longer of it and the setting counts."""
        self._host(host).spacing_s = max(self._spacing_s, spacing_s)

    def _host(self, host: str) -> _Host:
        key = _key(host)
        if key not in self._hosts:
            self._hosts[key] = _Host(self._spacing_s, self._concurrency)
        return self._hosts[key]


def _key(host: str) -> str:
    return host.lower().rstrip(".")


class _Host:
    """One host's queue: `slots` bounds its requests, `gate` lets one at a time wait for the spacing."""

    def __init__(self, spacing_s: float, concurrency: int) -> None:
        self.spacing_s = spacing_s
        self.not_before = float("-inf")
        self.slots = asyncio.Semaphore(concurrency)
        self.gate = asyncio.Lock()
