"""Worker processes that extract pages: each page has bounded time and memory, and costs no other page anything.

Plain subprocesses over pipes: multiprocessing re-runs Airflow's own entry point inside a task and dies.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Full, Queue
from types import TracebackType
from typing import Generic, TypeVar

from mediawatch.articles import frames
from mediawatch.articles.worker import READY, Result
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure

Key = TypeVar("Key")

START_LIMIT_S = 60.0
"""A worker that has not said READY by then never will: it imports for about a second."""
PAGES_PER_WORKER = 2_000
"""Then a worker is replaced: what its libraries leak goes with it."""
PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])
POLL_S = 0.1


class Pool:
    """`workers` processes that extract; each page gets `limit_s` seconds and each process `memory_mb` megabytes.

    A context manager: leaving it kills the processes. They also end by themselves when this process is gone.
    `program` is what the interpreter runs as a worker.
    """

    def __init__(
        self,
        workers: int,
        limit_s: float,
        memory_mb: int,
        pages_per_worker: int = PAGES_PER_WORKER,
        program: Sequence[str] = ("-m", "mediawatch.articles.worker"),
    ) -> None:
        command = [sys.executable, *program, str(memory_mb), str(limit_s)]
        self._workers = [_Worker(command, limit_s, pages_per_worker) for _ in range(max(1, workers))]

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kills every process; more than once does no harm."""
        for worker in self._workers:
            worker.close()

    def map(self, tasks: Iterable[tuple[Key, ExtractTask]]) -> Iterator[tuple[Key, Result]]:
        """Each task's key with its result, in the order in which they are done.

        `tasks` is read as workers become free, so it may be a generator that loads pages; what it raises is raised
        here. A page over a limit gives EXTRACT_LIMIT, one that kills its worker EXTRACT_CRASH.
        """
        run = _Run(tasks, self._workers)
        try:
            yield from run.results()
        finally:
            run.stop()


class _Run(Generic[Key]):
    """One call of `map`: a thread for each worker, all reading one iterator and filling one bounded queue."""

    def __init__(self, tasks: Iterable[tuple[Key, ExtractTask]], workers: list[_Worker]) -> None:
        self._tasks = iter(tasks)
        self._reading = threading.Lock()
        self._stopped = threading.Event()
        self._done: Queue[tuple[Key, Result] | BaseException | None] = Queue(maxsize=2 * len(workers))
        self._threads = [threading.Thread(target=self._feed, args=(worker,), daemon=True) for worker in workers]
        for thread in self._threads:
            thread.start()

    def results(self) -> Iterator[tuple[Key, Result]]:
        ended = 0
        while ended < len(self._threads):
            item = self._done.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                ended += 1
            else:
                yield item

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _feed(self, worker: _Worker) -> None:
        try:
            while (item := self._next()) is not None:
                self._put((item[0], worker.run(item[1])))
            self._put(None)
        except BaseException as error:  # raised again where the results are read
            self._put(error)

    def _next(self) -> tuple[Key, ExtractTask] | None:
        with self._reading:
            return None if self._stopped.is_set() else next(self._tasks, None)

    def _put(self, item: tuple[Key, Result] | BaseException | None) -> None:
        while not self._stopped.is_set():
            with suppress(Full):
                return self._done.put(item, timeout=POLL_S)


class _Worker:
    """One process, replaced when it dies, is killed, or has done its share of pages."""

    def __init__(self, command: list[str], limit_s: float, pages: int) -> None:
        self._command = command
        self._limit_s = limit_s
        self._pages = pages
        self._left = 0
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, task: ExtractTask) -> Result:
        process = self._ready()
        with _Alarm(self._limit_s, process.kill) as alarm:
            result = _exchange(process, task)
        self._left -= 1
        if result is None:
            self.close()
            status = f"worker ended with status {process.returncode}"
            return Failure(Reason.EXTRACT_CRASH, status) if not alarm.rang else _over(self._limit_s)
        if isinstance(result, Failure) and result.reason is Reason.EXTRACT_LIMIT:
            self.close()  # it has run out of memory once, and would again
        return result

    def close(self) -> None:
        process, self._process = self._process, None
        if process:
            process.kill()
            with suppress(BrokenPipeError):  # what was not flushed was for a process that is gone
                process.communicate()

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._left <= 0:
            self.close()
        if self._process is None:
            self._process = self._started()
            self._left = self._pages
        return self._process

    def _started(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603  our own module, under our own interpreter
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()
        )
        self._process = process
        with _Alarm(START_LIMIT_S, process.kill):
            greeting = _received(process)
        if greeting != READY:
            self.close()
            raise RuntimeError(f"an extraction worker did not start (status {process.returncode})")
        return process


class _Alarm:
    """Calls `action` after `seconds` unless it is left first; never after it is left."""

    def __init__(self, seconds: float, action: Callable[[], object]) -> None:
        self._lock = threading.Lock()
        self._over = False
        self._action = action
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self.rang = False

    def __enter__(self) -> _Alarm:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._over = True

    def _ring(self) -> None:
        with self._lock:
            if not self._over:
                self.rang = True
                self._action()


def _exchange(process: subprocess.Popen[bytes], task: ExtractTask) -> Result | None:
    """The worker's answer; None if it died over it."""
    assert process.stdin
    try:
        frames.write(process.stdin, task)
    except OSError:
        return None
    result = _received(process)
    assert result is None or isinstance(result, (Extracted, Failure))
    return result


def _received(process: subprocess.Popen[bytes]) -> object:
    assert process.stdout
    try:
        return frames.read(process.stdout)
    except EOFError:
        return None


def _over(limit_s: float) -> Failure:
    return Failure(Reason.EXTRACT_LIMIT, f"over {limit_s:g} s")


def _environment() -> dict[str, str]:
    """The parent's, with this package importable, one thread for numpy, and the same hash seed in every run."""
    paths = [PACKAGE_PARENT, os.environ.get("PYTHONPATH", "")]
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return {**os.environ, **one_thread, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(filter(None, paths))}
