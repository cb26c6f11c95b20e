"""Worker processes under load, over their limits, and when one side dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import mediawatch
import psutil
import pytest
from mediawatch.articles.pool import Pool
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure

NOW = datetime(2024, 2, 1, tzinfo=timezone.utc)
PACKAGE_PARENT = str(Path(mediawatch.__file__).resolve().parents[1])
PROGRAM = (str(Path(__file__).with_name("misbehaving_worker.py")),)


def _task(body: bytes) -> ExtractTask:
    return ExtractTask(body=body, url="https://example.com/a", content_type="text/html", fetched_at=NOW)


def _page(name: object) -> ExtractTask:
    story = f"Council number {name} met on Tuesday evening to vote on the new bridge over the river. " * 4
    return _task(f"<html><head><title>{name}</title></head><body><p>{story}</p></body></html>".encode())


def _reason(result: Extracted | Failure) -> Reason | None:
    return result.reason if isinstance(result, Failure) else None


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(workers=2, limit_s=30, memory_mb=600) as pool:
        yield pool


def test_every_task_comes_back_once_with_its_own_result(pool: Pool) -> None:
    found = dict(pool.map((number, _page(number)) for number in range(20)))
    assert sorted(found) == list(range(20))
    assert all(isinstance(result, Extracted) and result.title == str(number) for number, result in found.items())


def test_what_the_tasks_raise_is_raised_to_the_reader(pool: Pool) -> None:
    def tasks() -> Iterator[tuple[int, ExtractTask]]:
        yield 1, _page(1)
        raise LookupError("the archive is gone")

    with pytest.raises(LookupError, match="archive"):
        list(pool.map(tasks()))


def test_a_reader_that_stops_early_leaves_a_pool_that_serves_on(pool: Pool) -> None:
    results = pool.map((number, _page(number)) for number in range(1_000))
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert [key for key, _ in pool.map([("after", _page("after"))])] == ["after"]


def test_a_page_that_stalls_dies_or_prints_costs_its_neighbours_nothing() -> None:
    tasks = [(name, _task(name.encode())) for name in ("stall", "die", "print")]
    pages = [(number, _page(number)) for number in range(6)]
    with Pool(workers=1, limit_s=1.5, memory_mb=600, program=PROGRAM) as pool:
        found = dict(pool.map([*pages[:3], *tasks, *pages[3:]]))
    assert _reason(found["stall"]) is Reason.EXTRACT_LIMIT
    assert _reason(found["die"]) is Reason.EXTRACT_CRASH
    assert _reason(found["print"]) is Reason.NO_TEXT
    assert all(isinstance(found[number], Extracted) for number in range(6))


def test_a_page_over_the_memory_limit_is_a_failure_and_its_neighbours_are_not() -> None:
    huge = _task(b"<html><body>" + b"<p>word</p>" * 900_000)
    with Pool(workers=1, limit_s=60, memory_mb=250) as pool:
        found = dict(pool.map([("huge", huge), ("small", _page("small"))]))
    assert _reason(found["huge"]) in (Reason.EXTRACT_LIMIT, Reason.EXTRACT_CRASH)
    assert isinstance(found["small"], Extracted)


def test_workers_are_replaced_after_their_share_of_pages() -> None:
    before = _children()
    with Pool(workers=1, limit_s=30, memory_mb=600, pages_per_worker=2) as pool:
        found = [result for _, result in pool.map((number, _page(number)) for number in range(3))]
        first = _children() - before
        found += [result for _, result in pool.map((number, _page(number)) for number in range(2))]
        second = _children() - before
    assert all(isinstance(result, Extracted) for result in found)
    assert len(first) == len(second) == 1
    assert first != second
    assert _children() == before


def test_workers_end_when_their_parent_is_killed() -> None:
    script = (
        "import sys, time, test_pool as t\n"
        "pool = t.Pool(workers=1, limit_s=30, memory_mb=600)\n"
        "list(pool.map((n, t._page(n)) for n in range(4)))\n"
        "print('served', flush=True)\n"
        "time.sleep(600)\n"
    )
    paths = os.pathsep.join((PACKAGE_PARENT, str(Path(__file__).parent)))
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}
    )
    assert parent.stdout
    assert parent.stdout.readline() == b"served\n"
    workers = psutil.Process(parent.pid).children()
    assert workers
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}
