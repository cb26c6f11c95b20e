"""The parent's side: processes that work on untrusted input, where no task costs another one anything.

Plain subprocesses over pipes: multiprocessing re-runs Airflow's own entry point inside a task and dies.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Full, LifoQueue, Queue
from types import TracebackType
from typing import Any, Generic, TypeVar

from mediawatch.models import Failure
from mediawatch.workers import frames
from mediawatch.workers.job import Job
from mediawatch.workers.serve import READY

Key = TypeVar("Key")
Task = TypeVar("Task")
Result = TypeVar("Result")

START_LIMIT_S = 60.0
"""A worker that has not said READY by then never will: it imports for about a second."""
TASKS_PER_WORKER = 2_000
"""Then a worker is replaced: what its libraries leak goes with it."""
PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])
POLL_S = 0.1
FIRST_TRY = 0.7
"""Share of a task's time that its first try gets, where there is a second one."""


class Pool(Generic[Task, Result]):
    """`workers` processes that do one job; each task gets `limit_s` seconds and each process `memory_mb` megabytes.

    A process starts when a task first needs it. A context manager: leaving it kills the processes. They also end by
    themselves when this process is gone. A task over a limit, or one that kills its worker, is a Failure with the job's
    reason.
    """

    def __init__(
        self, job: Job, workers: int, limit_s: float, memory_mb: int, tasks_per_worker: int = TASKS_PER_WORKER
    ) -> None:
        self.size = max(1, workers)
        self._workers = [_Worker(job, limit_s, memory_mb, tasks_per_worker) for _ in range(self.size)]
        # The last one used comes first: a pool that has little to do keeps few processes.
        self._idle: LifoQueue[_Worker] = LifoQueue()
        for worker in self._workers:
            self._idle.put(worker)

    def __enter__(self) -> Pool[Task, Result]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kills every process; more than once does no harm."""
        for worker in self._workers:
            worker.close()

    def start(self) -> None:
        """Starts every process now, for what must not wait for it later."""
        for worker in self._workers:
            worker.ready()

    def run(self, task: Task) -> Result | Failure:
        """One task's result; waits for a free worker. Any number of threads may call it."""
        worker = self._idle.get()
        try:
            result: Result | Failure = worker.run(task)
        finally:
            self._idle.put(worker)
        return result

    def map(self, tasks: Iterable[tuple[Key, Task]]) -> Iterator[tuple[Key, Result | Failure]]:
        """Each task's key with its result, in the order in which they are done.

        `tasks` is read as workers become free, so it may be a generator that loads pages; what it raises is raised
        here.
        """
        run = _Run(tasks, self.run, self.size)
        try:
            yield from run.results()
        finally:
            run.stop()


class _Run(Generic[Key, Task, Result]):
    """One call of `map`: a thread for each worker, all reading one iterator and filling one bounded queue."""

    def __init__(self, tasks: Iterable[tuple[Key, Task]], run: Callable[[Task], Result], threads: int) -> None:
        self._tasks = iter(tasks)
        self._run = run
        self._reading = threading.Lock()
        self._stopped = threading.Event()
        self._done: Queue[tuple[Key, Result] | BaseException | None] = Queue(maxsize=2 * threads)
        self._threads = [threading.Thread(target=self._feed, daemon=True) for _ in range(threads)]
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

    def _feed(self) -> None:
        try:
            while (item := self._next()) is not None:
                self._put((item[0], self._run(item[1])))
            self._put(None)
        except BaseException as error:  # raised again where the results are read
            self._put(error)

    def _next(self) -> tuple[Key, Task] | None:
        with self._reading:
            return None if self._stopped.is_set() else next(self._tasks, None)

    def _put(self, item: tuple[Key, Result] | BaseException | None) -> None:
        while not self._stopped.is_set():
            with suppress(Full):
                return self._done.put(item, timeout=POLL_S)


class _Worker:
    """One process, replaced when it dies, is killed, or has done its share of tasks."""

    def __init__(self, job: Job, limit_s: float, memory_mb: int, tasks: int) -> None:
        self._job = job
        self._command = [sys.executable, *job.program, str(memory_mb), str(limit_s)]
        self._limit_s = limit_s
        self._tasks = tasks
        self._left = 0
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, task: object) -> Any:
        if self._job.again is None:
            return self._once(task, self._limit_s)
        result = self._once(task, FIRST_TRY * self._limit_s)
        if not self._broke(result):
            return result
        second = self._once(self._job.again(task), (1 - FIRST_TRY) * self._limit_s)
        return result if self._broke(second) else second

    def _broke(self, result: object) -> bool:
        return isinstance(result, Failure) and result.reason in (self._job.over_limit, self._job.crash)

    def _once(self, task: object, limit_s: float) -> Any:
        process = self.ready()
        with _Alarm(limit_s, process.kill) as alarm:
            result = _exchange(process, task)
        self._left -= 1
        if result is None:
            self.close()
            status = f"worker ended with status {process.returncode}"
            over = Failure(self._job.over_limit, f"over {limit_s:g} s")
            return over if alarm.rang else Failure(self._job.crash, status)
        if isinstance(result, Failure) and result.reason is self._job.over_limit:
            self.close()  # it has run out of memory once, and would again
        return result

    def close(self) -> None:
        process, self._process = self._process, None
        if process:
            process.kill()
            with suppress(BrokenPipeError):  # what was not flushed was for a process that is gone
                process.communicate()

    def ready(self) -> subprocess.Popen[bytes]:
        if self._left <= 0:
            self.close()
        if self._process is None:
            self._process = self._started()
            self._left = self._tasks
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
            raise RuntimeError(f"a worker did not start: {' '.join(self._command)} (status {process.returncode})")
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


def _exchange(process: subprocess.Popen[bytes], task: object) -> object:
    """The worker's answer; None if it died over it."""
    assert process.stdin
    try:
        frames.write(process.stdin, task)
    except OSError:
        return None
    return _received(process)


def _received(process: subprocess.Popen[bytes]) -> object:
    assert process.stdout
    try:
        return frames.read(process.stdout)
    except EOFError:
        return None


def _environment() -> dict[str, str]:
    """The parent's, with this package importable, one thread for numpy, and the same hash seed in every run."""
    paths = [PACKAGE_PARENT, os.environ.get("PYTHONPATH", "")]
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return {**os.environ, **one_thread, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(filter(None, paths))}
