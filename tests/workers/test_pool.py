"""Worker processes under load, over their limits, and when one side dies."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mediawatch
import psutil
import pytest
from mediawatch.errors import Reason
from mediawatch.models import Failure
from mediawatch.workers.job import Job
from mediawatch.workers.pool import Pool

PACKAGE_PARENT = str(Path(mediawatch.__file__).resolve().parents[1])
WORKER = str(Path(__file__).with_name("obedient_worker.py"))
JOB = Job((WORKER,), over_limit=Reason.PARSE_LIMIT, crash=Reason.PARSE_CRASH)


def pool_of(workers: int = 1, limit_s: float = 30, memory_mb: int = 200, **options: int) -> Pool[object, object]:
    return Pool(JOB, workers, limit_s, memory_mb, **options)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool[object, object]]:
    with pool_of(workers=2) as pool:
        yield pool


def test_the_worker_has_the_job_that_these_tests_give_the_pool() -> None:
    spec = importlib.util.spec_from_file_location("obedient_worker", WORKER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.JOB == JOB


def test_every_task_comes_back_once_with_its_own_result(pool: Pool[object, object]) -> None:
    assert dict(pool.map((number, number * 2) for number in range(200))) == {n: n * 2 for n in range(200)}


def test_one_task_may_be_run_by_itself(pool: Pool[object, object]) -> None:
    assert pool.run("alone") == "alone"


def test_what_the_tasks_raise_is_raised_to_the_reader(pool: Pool[object, object]) -> None:
    def tasks() -> Iterator[tuple[int, object]]:
        yield 1, "one"
        raise LookupError("the archive is gone")

    with pytest.raises(LookupError, match="archive"):
        list(pool.map(tasks()))


def test_a_reader_that_stops_early_leaves_a_pool_that_serves_on(pool: Pool[object, object]) -> None:
    results = pool.map((number, number) for number in range(10_000))
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert list(pool.map([("after", 1)])) == [("after", 1)]


def test_a_task_that_stalls_dies_raises_or_prints_costs_its_neighbours_nothing() -> None:
    words = ["a", "stall", "b", "die", "c", "raise", "d", "print", "e"]
    with pool_of(limit_s=1) as pool:
        found = dict(pool.map((word, word) for word in words))
    assert found == {word: word for word in words} | {
        "stall": Failure(Reason.PARSE_LIMIT, "over 1 s"),
        "die": Failure(Reason.PARSE_CRASH, "worker ended with status 7"),
        "raise": Failure(Reason.PARSE_CRASH, "LookupError: nothing of the kind"),
    }


def test_a_task_over_the_memory_limit_is_a_failure_and_its_neighbours_are_not() -> None:
    with pool_of() as pool:
        assert pool.run("hoard") == Failure(Reason.PARSE_LIMIT, "over the memory limit")
        assert pool.run("small") == "small"


def test_a_process_starts_when_a_task_first_needs_it_and_not_before() -> None:
    before = _children()
    with pool_of(workers=3) as pool:
        assert dict(pool.map([])) == {}
        assert _children() == before
        for number in range(5):
            pool.run(number)
        assert len(_children() - before) == 1
        pool.start()
        assert len(_children() - before) == 3
    assert _children() == before


def test_workers_are_replaced_after_their_share_of_tasks() -> None:
    before = _children()
    with pool_of(tasks_per_worker=2) as pool:
        found = dict(pool.map((number, number) for number in range(3)))
        first = _children() - before
        found |= dict(pool.map((number, number) for number in range(3, 5)))
        second = _children() - before
    assert found == {number: number for number in range(5)}
    assert len(first) == len(second) == 1
    assert first != second
    assert _children() == before


def test_a_worker_that_cannot_start_is_an_error_that_names_its_program() -> None:
    broken = Job(("-c", "raise SystemExit(3)"), over_limit=Reason.PARSE_LIMIT, crash=Reason.PARSE_CRASH)
    with Pool[object, object](broken, 1, 30, 200) as pool, pytest.raises(RuntimeError, match=r"SystemExit.*status 3"):
        pool.run("anything")


def test_workers_end_when_their_parent_is_killed() -> None:
    script = (
        "import time, test_pool as t\n"
        "pool = t.pool_of()\n"
        "assert pool.run('one') == 'one'\n"
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


def lighter(task: object) -> object:
    return "light" if task == "heavy" else task


def test_a_task_that_breaks_its_worker_is_tried_once_more_in_its_cheaper_form() -> None:
    job = Job((WORKER,), Reason.PARSE_LIMIT, Reason.PARSE_CRASH, again=lighter)
    with Pool[object, object](job, 1, 30, 200) as pool:
        assert pool.run("heavy") == "light"
        broken = pool.run("die")
        assert isinstance(broken, Failure)
        assert broken.reason is Reason.PARSE_CRASH
        assert pool.run("fine") == "fine"


def test_two_tries_share_one_limit_of_time() -> None:
    job = Job((WORKER,), Reason.PARSE_LIMIT, Reason.PARSE_CRASH, again=lighter)
    with Pool[object, object](job, 1, 2, 200) as pool:
        result = pool.run("stall")
    assert isinstance(result, Failure)
    assert (result.reason, result.detail) == (Reason.PARSE_LIMIT, "over 1.4 s")
