"""A detached service: a child process with a session, a log and a pid file, which any later process can stop."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

MARK = "MEDIAWATCH_SERVICE"

# Handles of our own children: without their wait() a stopped child would stay as a zombie of this process.
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Service:
    """A named service; in `folder` lie NAME.pid while it runs, NAME.log, and NAME.log.1 of the run before."""

    name: str
    folder: Path

    @property
    def pid_file(self) -> Path:
        """Holds the leader's pid and the time when it started: a pid alone may be somebody else's by now."""
        return self.folder / f"{self.name}.pid"

    @property
    def log(self) -> Path:
        """Where the service's stdout and stderr go."""
        return self.folder / f"{self.name}.log"

    def start(self, command: Sequence[str], env: Mapping[str, str], cwd: Path | None = None) -> None:
        """Run a command in a session of its own (in the folder `cwd`); it survives this process and this terminal."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_name(self.log.name + ".1"))
        with self.log.open("wb") as log:
            child = subprocess.Popen(  # noqa: S603 - commands come from this package
                command,
                env=_marked(env, self),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _CHILDREN[child.pid] = child
        self.pid_file.write_text(f"{child.pid} {psutil.Process(child.pid).create_time()}")

    def leader(self) -> psutil.Process | None:
        """The process that was started, if it is alive."""
        try:
            pid, started = self.pid_file.read_text().split()
            process = psutil.Process(int(pid))
            same = abs(process.create_time() - float(started)) < 1
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None

    def wait(self) -> int:
        """Wait for a service that this process started to end by itself; its exit code."""
        pid = int(self.pid_file.read_text().split()[0])
        code = _CHILDREN.pop(pid).wait()
        self.pid_file.unlink()
        return code

    def exit_code(self, limit_s: float) -> int | None:
        """How a service that this process started ended by itself, waited for; None: it has not, or was not running."""
        leader = self.leader()
        try:
            return leader.wait(limit_s) if leader else None
        except psutil.TimeoutExpired:
            return None

    def tail(self, lines: int = 15) -> str:
        """The last lines of the log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def members(services: Iterable[Service]) -> list[psutil.Process]:
    """Every live process of the services, also those that left the leader's session or lost their leader."""
    services = list(services)
    leaders = [leader for service in services if (leader := service.leader())]
    marks = {str(service.pid_file) for service in services}
    found = {*leaders, *(child for leader in leaders for child in _children(leader))}
    found.update(process for process in psutil.process_iter() if _mark(process) in marks)
    return [process for process in found if _alive(process)]


def stop(services: Iterable[Service], *, grace_s: float = 15.0) -> None:
    """Ask the leaders to end, give them a time to end what they started, then kill every process that is left."""
    services = list(services)
    for leader in filter(None, (service.leader() for service in services)):
        signal(leader, "terminate")
    deadline = time.monotonic() + grace_s
    while (left := members(services)) and time.monotonic() < deadline:
        if not any(service.leader() for service in services):
            break
        psutil.wait_procs(left, timeout=0.2)
    while left := members(services):
        for process in left:
            signal(process, "kill")
        psutil.wait_procs(left, timeout=1)
    for service in services:
        service.pid_file.unlink(missing_ok=True)
    _reap()


def _marked(env: Mapping[str, str], service: Service) -> dict[str, str]:
    # SPT_NOENV keeps setproctitle, which Airflow uses, from overwriting the environment where the mark is read.
    return {**env, MARK: str(service.pid_file), "SPT_NOENV": "1"}


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE and process.pid != os.getpid()
    except psutil.NoSuchProcess:
        return False


def signal(process: psutil.Process, verb: str) -> None:
    """Terminate, kill or suspend a process that may have ended meanwhile."""
    try:
        getattr(process, verb)()
    except psutil.NoSuchProcess:
        return


def _reap() -> None:
    for pid in [pid for pid, child in _CHILDREN.items() if child.poll() is not None]:
        del _CHILDREN[pid]
