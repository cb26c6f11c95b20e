"""The worker's side: a process `PROGRAM MEMORY_MB LIMIT_S` reads tasks from stdin and writes results to stdout.

Values go as frames (frames.py). The first one out is READY; then each task in gives one result out, in order.
The end of stdin ends the process.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import IO, Any

from mediawatch.models import Failure
from mediawatch.workers import frames
from mediawatch.workers.job import Job

READY = "ready"


def serve(job: Job, work: Callable[[Any], object], *, prepare: Callable[[], object] | None = None) -> None:
    """Serves until stdin ends, with `work` for each task.

    `prepare` loads what the work needs, before the memory limit and the first task's clock.
    """
    memory_mb, limit_s = int(sys.argv[1]), float(sys.argv[2])
    tasks, results = _private_pipes()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    if prepare:
        prepare()
    _limit_memory(memory_mb)
    frames.write(results, READY)
    while True:
        try:
            task = frames.read(tasks)
        except EOFError:
            return
        # the parent keeps the limit; this one is for when the parent is gone: SIGALRM's default action ends the process
        signal.alarm(int(2 * limit_s) + 2)
        frames.write(results, _guarded(job, work, task))
        signal.alarm(0)


def _guarded(job: Job, work: Callable[[Any], object], task: object) -> object:
    """The result of one task, whatever it does short of killing the process."""
    try:
        return work(task)
    except MemoryError:
        return Failure(job.over_limit, "over the memory limit")
    except Exception as error:  # a task must cost no more than itself
        return Failure(job.crash, f"{type(error).__name__}: {error}"[:300])


def _private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """stdin and stdout for frames alone: what any library prints goes to stderr, what it reads is empty."""
    tasks, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return tasks, results


def _limit_memory(memory_mb: int) -> None:
    """Bounds what the process may allocate from here on; RLIMIT_AS would count mapped libraries as well."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
