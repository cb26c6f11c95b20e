"""Detached services: they outlive who started them, and nothing of them outlives their stop."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from mediawatch.local import processes
from mediawatch.local.processes import Service

SLEEP = "import time; time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEP}"
PARENT = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {SLEEP!r}], start_new_session=True)
print("born", flush=True)
{SLEEP}
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service("one", tmp_path)
    yield service
    processes.stop([service], grace_s=0)


def run(service: Service, code: str) -> None:
    service.start([sys.executable, "-c", code], os.environ)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_service_has_a_session_of_its_own_and_a_stop_ends_it(service: Service) -> None:
    run(service, SLEEP)
    leader = service.leader()
    assert leader is not None
    assert os.getsid(leader.pid) == leader.pid
    processes.stop([service])
    assert service.leader() is None
    assert not service.pid_file.exists()
    assert not psutil.pid_exists(leader.pid)


def test_a_child_that_left_the_session_ends_too(service: Service) -> None:
    run(service, PARENT)
    until(lambda: "born" in service.tail())
    assert len(processes.members([service])) == 2
    processes.stop([service])
    assert processes.members([service]) == []


def test_orphans_of_a_killed_leader_are_found(service: Service) -> None:
    run(service, PARENT)
    until(lambda: "born" in service.tail())
    leader = service.leader()
    assert leader is not None
    leader.kill()
    leader.wait()
    assert len(processes.members([service])) == 1
    processes.stop([service])
    assert processes.members([service]) == []


def test_a_service_that_ignores_the_request_is_killed_after_its_grace(service: Service) -> None:
    run(service, STUBBORN)
    until(lambda: "deaf" in service.tail())
    processes.stop([service], grace_s=0.3)
    assert processes.members([service]) == []


def test_a_pid_file_of_somebody_elses_process_names_no_leader_and_kills_nobody(service: Service) -> None:
    service.pid_file.write_text(f"{os.getpid()} 1.0")
    assert service.leader() is None
    processes.stop([service])


def test_stopping_what_never_ran_does_nothing(tmp_path: Path) -> None:
    processes.stop([Service("never", tmp_path / "absent")])


def test_the_log_of_the_run_before_is_kept(service: Service) -> None:
    for word in ("first", "second"):
        run(service, f"print({word!r})")
        assert service.wait() == 0
    assert service.tail() == "second"
    assert service.log.with_name("one.log.1").read_text() == "first\n"


def test_waiting_tells_how_a_service_ended(service: Service) -> None:
    run(service, "import sys; print('why'); sys.exit(3)")
    assert service.wait() == 3
    assert service.tail() == "why"
