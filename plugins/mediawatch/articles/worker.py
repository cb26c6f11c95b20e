"""One extraction process: `python -m mediawatch.articles.worker MEMORY_MB LIMIT_S` reads tasks and writes results.

Frames (frames.py) go over stdin and stdout. The first frame out is READY; then each ExtractTask in gives one Extracted
or Failure out, in order. The end of stdin ends the process.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import IO

from trafilatura.meta import reset_caches

from mediawatch.articles import frames
from mediawatch.articles.extract import extract
from mediawatch.articles.language import detect
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure

Result = Extracted | Failure

READY = "ready"
PAGES_PER_RESET = 200
"""trafilatura's caches grow with the pages; emptying them costs about 50 ms."""


def main(answer: Callable[[ExtractTask], Result]) -> None:
    """Serves until stdin ends, with `answer` for each task."""
    memory_mb, limit_s = int(sys.argv[1]), float(sys.argv[2])
    tasks, results = _private_pipes()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    detect("Loads the model before the memory limit and the first page's clock.")
    _limit_memory(memory_mb)
    frames.write(results, READY)
    _serve(tasks, results, limit_s, answer)


def _serve(tasks: IO[bytes], results: IO[bytes], limit_s: float, answer: Callable[[ExtractTask], Result]) -> None:
    count = 0
    while True:
        try:
            task = frames.read(tasks)
        except EOFError:
            return
        # the parent keeps the limit; this one is for when the parent is gone: SIGALRM's default action ends the process
        signal.alarm(int(2 * limit_s) + 2)
        frames.write(results, answer(task))
        signal.alarm(0)
        count += 1
        if count % PAGES_PER_RESET == 0:
            reset_caches()


def guarded(task: ExtractTask) -> Result:
    """The result of one page, whatever it does to the extractor short of killing the process."""
    try:
        return extract(task)
    except MemoryError:
        return Failure(Reason.EXTRACT_LIMIT, "over the memory limit")
    except Exception as error:  # a page must cost no more than itself
        return Failure(Reason.EXTRACT_CRASH, f"{type(error).__name__}: {error}"[:300])


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


if __name__ == "__main__":
    main(guarded)
