"""Many machines as processes of one: a Redis, and Celery workers with a folder, a name and a port of their own."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from celery import Celery

from mediawatch.errors import LocalServiceError
from mediawatch.local import airflow, database, processes
from mediawatch.local.airflow import ADDRESS, Airflow, Secrets
from mediawatch.local.processes import Service
from mediawatch.settings import PROJECT, Settings

BROKER = "AIRFLOW__CELERY__BROKER_URL"
HEALTH_PORT = "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT"
READY_S = 180.0
STOP_S = 60.0
"""A worker that is told to end lets its tasks end first."""
HEARTBEAT_LIMIT_S = 30
"""A task that is not heard of for so long is dead, and is tried again. Airflow's default is 300 s."""


@dataclass(frozen=True)
class Worker:
    """A Celery worker: the queues that it takes tasks from, comma-separated, and how many tasks it runs at once."""

    name: str
    queues: str
    slots: int


@dataclass(frozen=True)
class Cluster:
    """A running Airflow whose tasks are run by Celery workers."""

    airflow: Airflow
    redis: Service
    workers: Mapping[str, Service]
    env: Mapping[str, str]
    """What the components run with."""

    def folder(self, worker: str) -> Path:
        """A worker's own: AIRFLOW_HOME, its logs, its working folder."""
        return self.workers[worker].folder

    def kill(self, worker: str) -> int:
        """What a power cut does to a worker: every process of it gone at once; how many those were."""
        found = processes.members([self.workers[worker]])
        for verb in ("suspend", "kill"):  # none may see another one die
            for process in found:
                processes.signal(process, verb)
        return len(found)

    def end(self, worker: str) -> int | None:
        """Tell a worker to end, and wait for it; its exit code, None when it was dead before or had to be killed."""
        service = self.workers[worker]
        if leader := service.leader():
            leader.terminate()
        code = service.exit_code(STOP_S)
        processes.stop([service])
        return code

    def stop(self) -> dict[str, int | None]:
        """End everything; each worker's exit code."""
        codes = {name: self.end(name) for name in self.workers}
        self.airflow.stop()
        processes.stop([self.redis])
        return codes


def start(
    settings: Settings, workers: Sequence[Worker], *, progress: Callable[[str], None], dags: Path = PROJECT / "dags"
) -> Cluster:
    """Start Redis, Airflow with the CeleryExecutor and the workers, and wait until all of them are ready.

    The settings must name a database and an archive that all of them share. LocalServiceError with the end of a log.
    """
    folder = Path(settings.home).resolve() / "cluster"
    metadata_url = database.metadata_url(settings)
    progress("starting Redis")
    redis, port = start_redis(folder)
    common: dict[str, Any] = {
        "metadata_url": metadata_url,
        "dags": dags,
        "brisk": True,
        "base": {**os.environ, **_celery(port)},
        "executor": "CeleryExecutor",
    }
    services = {worker.name: Service("worker", folder / worker.name) for worker in workers}
    try:
        started = airflow.start(settings, progress=progress, **common)
        progress("starting the workers")
        port, keys = int(started.home.port_file.read_text()), Secrets.keep(started.home)
        for worker in workers:
            own = replace(settings, home=str(services[worker.name].folder))
            _start_worker(services[worker.name], worker, airflow.environment(own, keys, port=port, **common))
        _await_workers(common["base"][BROKER], services)
    except BaseException:
        airflow.stop(settings)
        processes.stop([*services.values(), redis])
        raise
    return Cluster(started, redis, services, airflow.environment(settings, keys, port=port, **common))


def _celery(port: int) -> dict[str, str]:
    return {
        BROKER: f"redis://{ADDRESS}:{port}/0",
        "AIRFLOW__CELERY__RESULT_BACKEND": f"redis://{ADDRESS}:{port}/1",
        "AIRFLOW__CORE__PARALLELISM": "16",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": str(HEARTBEAT_LIMIT_S),
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "86400",
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "True",
        HEALTH_PORT: str(airflow.free_port()),
        "AIRFLOW__DAG_PROCESSOR__STALE_BUNDLE_CLEANUP_INTERVAL": "0",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "120",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",
    }


def start_redis(folder: Path) -> tuple[Service, int]:
    """A Redis that keeps nothing on disk, and its port."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        raise LocalServiceError("there is no redis-server on the PATH (Debian, Ubuntu: apt install redis-server)")
    service, port = Service("redis", folder), airflow.free_port()
    options = {"--port": str(port), "--bind": ADDRESS, "--save": "", "--appendonly": "no"}
    service.start([program, *(word for option in options.items() for word in option)], os.environ)
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and service.leader():
        with socket.socket() as probe:
            if probe.connect_ex((ADDRESS, port)) == 0:
                return service, port
        time.sleep(0.05)
    processes.stop([service])
    raise LocalServiceError(f"Redis did not start; the end of {service.log}:\n{service.tail()}")


def _start_worker(service: Service, worker: Worker, env: Mapping[str, str]) -> None:
    folder = service.folder
    folder.mkdir(parents=True, exist_ok=True)
    command = ["celery", "worker", "--queues", worker.queues, "--concurrency", str(worker.slots)]
    command += ["--celery-hostname", f"{worker.name}@%h", "--pid", str(folder / "celery.pid")]
    port = {"AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(airflow.free_port())}
    service.start([sys.executable, "-m", "airflow", *command], {**env, **port}, cwd=folder)


def _await_workers(broker: str, services: Mapping[str, Service]) -> None:
    """Until each worker answers a ping through Redis."""
    control = Celery(broker=broker).control
    deadline = time.monotonic() + READY_S
    while len(control.ping(timeout=1.0)) < len(services):
        for name, service in services.items():
            if service.leader() is None:
                raise LocalServiceError(f"worker {name} ended; the end of {service.log}:\n{service.tail()}")
        if time.monotonic() > deadline:
            raise LocalServiceError("the Celery workers did not answer in time")
