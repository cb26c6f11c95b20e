"""Turns for hosts, on a clock that the test moves."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

from mediawatch.web.pacing import Pacing

START = datetime(2024, 1, 30, tzinfo=timezone.utc)


class Clock:
    """Time that passes only when everybody sleeps; the earliest sleeper wakes first."""

    def __init__(self) -> None:
        self.at = 0.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def __call__(self) -> float:
        return self.at

    def now(self) -> datetime:
        return START + timedelta(seconds=self.at)

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._sleepers.append((self.at + seconds, woken))
        await woken.wait()

    async def run(self, *stories) -> None:
        tasks = [asyncio.ensure_future(story) for story in stories]
        while not all(task.done() for task in tasks):
            for _ in range(20):
                await asyncio.sleep(0)
            if self._sleepers:
                self._sleepers.sort(key=lambda sleeper: sleeper[0])
                moment, woken = self._sleepers.pop(0)
                self.at = max(self.at, moment)
                woken.set()
        await asyncio.gather(*tasks)


def play(story, spacing_s=5.0, concurrency=2, reserve=None):
    async def main():
        clock = Clock()
        pacing = Pacing(spacing_s, concurrency, reserve=reserve, clock=clock, now=clock.now, sleep=clock.sleep)
        return await story(pacing, clock)

    return asyncio.run(main())


def visits(pacing, clock, log, takes_s=0.0):
    async def visit(host, name):
        async with pacing.turn(host):
            log.append((name, clock.at))
            if takes_s:
                await clock.sleep(takes_s)

    return visit


def test_requests_to_one_host_are_spaced_in_the_order_they_came():
    async def story(pacing, clock):
        log = []
        visit = visits(pacing, clock, log)
        await clock.run(*(visit("a.example", number) for number in range(4)))
        return log

    assert play(story) == [(0, 0.0), (1, 5.0), (2, 10.0), (3, 15.0)]


def test_a_long_queue_for_one_host_does_not_hold_up_another():
    async def story(pacing, clock):
        log = []
        visit = visits(pacing, clock, log)
        await clock.run(*(visit("slow.example", number) for number in range(50)), visit("b.example", "other"))
        return dict(log)

    assert play(story)["other"] == 0.0


def test_no_more_requests_run_at_once_than_the_limit():
    async def story(pacing, clock):
        log = []
        visit = visits(pacing, clock, log, takes_s=100.0)
        await clock.run(*(visit("a.example", number) for number in range(4)))
        return log

    assert play(story) == [(0, 0.0), (1, 5.0), (2, 100.0), (3, 105.0)]


def test_a_hold_delays_those_that_wait_already():
    async def story(pacing, clock):
        log = []
        visit = visits(pacing, clock, log)

        async def first_then_hold():
            await visit("a.example", 0)
            pacing.hold("A.example.", clock.now() + timedelta(seconds=60))

        await clock.run(first_then_hold(), visit("a.example", 1))
        return log

    assert play(story) == [(0, 0.0), (1, 60.0)]


def test_a_hold_that_comes_while_somebody_sleeps_is_seen():
    async def story(pacing, clock):
        log = []
        visit = visits(pacing, clock, log)

        async def hold_later():
            await clock.sleep(3)
            pacing.hold("a.example", clock.now() + timedelta(seconds=30))

        await clock.run(visit("a.example", 0), visit("a.example", 1), hold_later())
        return log

    assert play(story) == [(0, 0.0), (1, 33.0)]


def test_an_earlier_hold_does_not_shorten_a_later_one():
    async def story(pacing, clock):
        pacing.hold("a.example", clock.now() + timedelta(seconds=60))
        pacing.hold("a.example", clock.now() + timedelta(seconds=10))
        return pacing.ready_in_s("a.example")

    assert play(story) == 60.0


def test_the_longer_of_setting_and_crawl_delay_counts():
    async def story(pacing, clock):
        log = []
        pacing.space("slow.example", 20.0)
        pacing.space("fast.example", 1.0)
        visit = visits(pacing, clock, log)
        await clock.run(*(visit(host, host) for host in ("slow.example", "fast.example") * 2))
        return sorted(log)

    assert play(story) == [("fast.example", 0.0), ("fast.example", 5.0), ("slow.example", 0.0), ("slow.example", 20.0)]


def test_a_cancelled_wait_gives_its_place_away():
    async def story(pacing, clock):
        log = []
        visit = visits(pacing, clock, log)
        await clock.run(visit("a.example", 0))
        waiting = asyncio.ensure_future(visit("a.example", "cancelled"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await clock.run(visit("a.example", 1))
        return log

    assert play(story) == [(0, 0.0), (1, 5.0)]


def test_a_request_that_fails_frees_its_place():
    async def story(pacing, clock):
        async def fail():
            async with pacing.turn("a.example"):
                raise ValueError

        return await asyncio.gather(fail(), fail(), fail(), return_exceptions=True)

    assert [type(error) for error in play(story, spacing_s=0.0, concurrency=1)] == [ValueError] * 3


def test_a_moment_reserved_among_all_workers_is_waited_for():
    asked = []

    async def reserve(host, spacing_s):
        asked.append((host, spacing_s))
        return 7.0

    async def story(pacing, clock):
        log = []
        visit = visits(pacing, clock, log)
        await clock.run(*(visit("A.example.", number) for number in range(2)))
        return log

    assert play(story, reserve=reserve) == [(0, 7.0), (1, 19.0)]
    assert asked == [("a.example", 5.0)] * 2


def test_without_spacing_nothing_is_reserved():
    async def reserve(host, spacing_s):
        raise AssertionError

    async def story(pacing, clock):
        log = []
        await clock.run(visits(pacing, clock, log)("a.example", 0))
        return log

    assert play(story, spacing_s=0.0, reserve=reserve) == [(0, 0.0)]


def test_the_next_hop_waits_for_its_host_without_a_place_of_its_own():
    async def story(pacing, clock):
        log = []

        async def redirected(name):
            async with pacing.turn("a.example"):
                await pacing.spaced("b.example")
                log.append((name, clock.at))

        await clock.run(redirected(0), redirected(1))
        return log

    assert play(story, concurrency=1) == [(0, 0.0), (1, 5.0)]
