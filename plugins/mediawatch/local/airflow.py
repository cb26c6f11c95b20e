"""Airflow on this machine: its components as child processes with LocalExecutor, its files under the project's home."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from mediawatch.errors import LocalServiceError
from mediawatch.local import postgres, processes
from mediawatch.local.airflow_client import Client
from mediawatch.local.processes import Service
from mediawatch.settings import PREFIX, PROJECT, Settings

ADDRESS = "127.0.0.1"
USER = "admin"
USERS = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"
"""Further users (name:role,…); Airflow makes up a password for each, into passwords.json."""
METADATA_URL = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
READY_TIMEOUT_S = 180.0
SCHEDULER_GRACE_S = 6.0  # it waits for running tasks, which survive being killed and run again
REST_GRACE_S = 3.0  # the others have nothing to save

POOLS = {
    "web": (8, "tasks that wait for other people's servers"),
    # One more than there are cores: between two tasks lie a second of the scheduler's and the start of the second one.
    "cpu": ((os.cpu_count() or 2) + 1, "tasks that compute"),
}

COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "api-server": ("api-server", "--host", ADDRESS, "--workers", "1"),
    "dag-processor": ("dag-processor",),
    "scheduler": ("scheduler", "--skip-serve-logs"),  # the api-server reads the logs from the same disk
}


@dataclass(frozen=True)
class Home:
    """Airflow's files: `folder` is AIRFLOW_HOME."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings) -> Home:
        """The one under the home of the settings."""
        return cls(Path(settings.home).resolve() / "airflow")

    @property
    def passwords(self) -> Path:
        """What the simple auth manager reads: {user: password}."""
        return self.folder / "passwords.json"

    @property
    def services(self) -> list[Service]:
        """One for each component."""
        return [self.service(name) for name in COMPONENTS]

    def service(self, name: str) -> Service:
        """A process by its name; logs and pid files lie in `run`."""
        return Service(name, self.folder / "run")

    @property
    def stamp(self) -> Path:
        """The release and the schema revision of the last `airflow db migrate`."""
        return self.folder / "migrated"

    @property
    def port_file(self) -> Path:
        """The api-server's port."""
        return self.folder / "run" / "port"


@dataclass(frozen=True)
class Secrets:
    """Keys that Airflow's components share, and the password of the user `admin`."""

    jwt: str
    fernet: str
    api: str
    password: str

    @classmethod
    def keep(cls, home: Home) -> Secrets:
        """The secrets of a home: made once, readable only by their owner."""
        file = home.folder / "secrets.json"
        if not file.exists():
            fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
            made = cls(secrets.token_hex(32), fernet, secrets.token_hex(32), secrets.token_urlsafe(12))
            _write_private(file, vars(made))
        kept = cls(**json.loads(file.read_text()))
        known = json.loads(home.passwords.read_text()) if home.passwords.exists() else {}
        if known.get(USER) != kept.password:
            _write_private(home.passwords, {**known, USER: kept.password})
        return kept


@dataclass(frozen=True)
class Airflow:
    """A running Airflow: where it is, who may log in, and its REST client."""

    url: str
    user: str
    password: str
    home: Home

    @property
    def client(self) -> Client:
        """A REST client with its own token."""
        return Client(self.url, self.user, self.password)

    def stop(self) -> None:
        """End every process of this Airflow."""
        _stop(self.home)


def environment(
    settings: Settings,
    keys: Secrets,
    *,
    metadata_url: str,
    port: int,
    dags: Path = PROJECT / "dags",
    brisk: bool = False,
    base: Mapping[str, str] | None = None,
    executor: str = "LocalExecutor",
) -> dict[str, str]:
    """What the components and all tasks run with: `base` (the caller's environment), under what the project needs.

    An AIRFLOW__… variable in `base` wins over the project's tuning, never over what holds the parts together.
    `brisk` looks for work five times a second, for a demo; without it twice.
    """
    base = os.environ if base is None else base
    home = Home.of(settings)
    required = {
        **_own_settings(settings),
        "AIRFLOW_HOME": str(home.folder),
        "AIRFLOW_CONFIG": str(home.folder / "airflow.cfg"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__EXECUTOR": executor,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{ADDRESS}:{port}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": keys.fernet,
        USERS: ",".join(filter(None, (f"{USER}:admin", base.get(USERS)))),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home.passwords),
        "AIRFLOW__API__BASE_URL": f"http://{ADDRESS}:{port}",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__SECRET_KEY": keys.api,
        "AIRFLOW__API_AUTH__JWT_SECRET": keys.jwt,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home.folder / "logs"),
        METADATA_URL: base.get(METADATA_URL) or _sqlalchemy_url(metadata_url),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(PROJECT / "plugins"), base.get("PYTHONPATH")))),
        "NO_PROXY": ",".join(filter(None, (base.get("NO_PROXY") or base.get("no_proxy"), f"{ADDRESS},localhost"))),
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS kills forked tasks without it
    }
    required["no_proxy"] = required["NO_PROXY"]
    # Without bytecode each component compiles a thousand modules at each start: 3 s of 6.
    kept = {name: value for name, value in base.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**_tuning(brisk), **kept, **required}


def start(
    settings: Settings,
    *,
    metadata_url: str,
    port: int = 0,
    dags: Path = PROJECT / "dags",
    brisk: bool = False,
    base: Mapping[str, str] | None = None,
    executor: str = "LocalExecutor",
    progress: Callable[[str], None] = lambda _: None,
) -> Airflow:
    """Start Airflow and wait until it answers, parses and schedules; LocalServiceError carries the end of the log.

    `metadata_url`: libpq URL of Airflow's own database; AIRFLOW__DATABASE__SQL_ALCHEMY_CONN wins over it.
    `base`, `executor`: see :func:`environment`. `port` 0 takes a free one. It outlives this process until
    `stop(settings)`.
    """
    home = Home.of(settings)
    if running(settings):
        raise LocalServiceError(f"Airflow is already running at {_url(home)}")
    _stop(home)  # what is left of a start that was killed
    port = free_port(port)
    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home.folder / "airflow.cfg").write_text("# Airflow's settings come from the environment that starts it.\n")
    keys = Secrets.keep(home)
    env = environment(
        settings, keys, metadata_url=metadata_url, port=port, dags=dags, brisk=brisk, base=base, executor=executor
    )
    airflow = Airflow(f"http://{ADDRESS}:{port}", USER, keys.password, home)
    try:
        _migrate(home, env, progress)
        progress("starting Airflow")
        for service in home.services:
            service.start([sys.executable, "-m", "airflow", *COMPONENTS[service.name]], env)
        home.port_file.write_text(str(port))
        _await_ready(airflow)
        airflow.client.warm_up()
        for name, (slots, description) in POOLS.items():
            airflow.client.make_pool(name, slots, description)
    except BaseException:
        _stop(home)
        raise
    return airflow


def running(settings: Settings) -> Airflow | None:
    """The Airflow of these settings, if all its components are alive."""
    home = Home.of(settings)
    if not all(service.leader() for service in home.services) or not home.port_file.exists():
        return None
    return Airflow(_url(home), USER, Secrets.keep(home).password, home)


def stop(settings: Settings) -> None:
    """End every process of the Airflow of these settings, also from another shell than the one that started it."""
    _stop(Home.of(settings))


def free_port(wanted: int = 0) -> int:
    """A port of 127.0.0.1 that nobody listens on: the wanted one, or any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, wanted))
        except OSError as error:
            raise LocalServiceError(f"port {wanted} is in use; name another with --port") from error
        return int(probe.getsockname()[1])


# ---- the environment ------------------------------------------------------------------------------------------------


def _tuning(brisk: bool) -> dict[str, str]:
    return {
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "8",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2" if brisk else "0.5",
        # Also how long a worker may overlook that its task has ended (the supervisor races with the exit): of 8 workers
        # more than one was always held so with Airflow's 5 s.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "AIRFLOW__DAG_PROCESSOR__PRINT_STATS_INTERVAL": "0",
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "http.access=WARNING",
        "PYTHONUNBUFFERED": "1",
    }


def _own_settings(settings: Settings) -> dict[str, str]:
    values = {PREFIX + field.name.upper(): str(getattr(settings, field.name)) for field in fields(settings)}
    return {name: value for name, value in values.items() if value}


def _sqlalchemy_url(url: str) -> str:
    return "postgresql+psycopg2://" + url.partition("://")[2]


# ---- the steps of starting ------------------------------------------------------------------------------------------


def _migrate(home: Home, env: Mapping[str, str], progress: Callable[[str], None]) -> None:
    """Bring Airflow's database to its release. The check costs 20 ms, `airflow db migrate` seven seconds."""
    if home.stamp.exists() and home.stamp.read_text() == _migrated(env[METADATA_URL]):
        return
    progress("preparing Airflow's database")
    service = home.service("migrate")
    service.start([sys.executable, "-m", "airflow", "db", "migrate"], env)
    if service.wait() != 0:
        raise LocalServiceError(f"airflow db migrate failed; the end of {service.log}:\n{service.tail()}")
    home.stamp.write_text(_migrated(env[METADATA_URL]))


def _migrated(sqlalchemy_url: str) -> str:
    """Airflow's release and the revision that the database is at; the revision is empty where it cannot be read."""
    scheme = urlsplit(sqlalchemy_url).scheme.partition("+")[0]
    url = "postgresql://" + sqlalchemy_url.partition("://")[2]
    try:
        revision = postgres.query(url, "SELECT version_num FROM alembic_version") if scheme == "postgresql" else ""
    except LocalServiceError:
        revision = ""
    return f"{version('apache-airflow-core')} {revision or secrets.token_hex(8)}"


def _await_ready(airflow: Airflow) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not airflow.client.healthy():
        for service in airflow.home.services:
            if service.leader() is None:
                raise LocalServiceError(f"Airflow's {service.name} ended; the end of {service.log}:\n{service.tail()}")
        if time.monotonic() > deadline:
            tails = "\n".join(f"{service.log}:\n{service.tail(5)}" for service in airflow.home.services)
            raise LocalServiceError(f"Airflow was not ready after {READY_TIMEOUT_S:.0f} s\n{tails}")
        time.sleep(0.2)


def _stop(home: Home) -> None:
    """End the scheduler before the rest: tasks that are about to end still report to the api-server."""
    processes.stop([home.service("scheduler")], grace_s=SCHEDULER_GRACE_S)
    processes.stop([*home.services, home.service("migrate")], grace_s=REST_GRACE_S)
    home.port_file.unlink(missing_ok=True)


def _url(home: Home) -> str:
    return f"http://{ADDRESS}:{home.port_file.read_text()}"


def _write_private(file: Path, value: Mapping[str, str]) -> None:
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(dict(value), stream)
    part.replace(file)
