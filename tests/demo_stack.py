"""The demo, run twice through real Airflow, and then Airflow on its folder, to stay: one for all tests that need one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
from mail_server import MailServer, serving_mail
from mediawatch.local import database, demo, postgres, stack
from mediawatch.local.airflow import USERS, Airflow
from mediawatch.settings import Settings
from metrics_server import Metrics
from rich.console import Console

CANARY = "canary-8f2d5b1c9e"
"""A secret that may stand nowhere."""
SECRETS = ("MEDIAWATCH_CREDENTIAL_CANARY", "AIRFLOW_CONN_CANARY_TWO")
VIEWER = "vera"
"""A user of Airflow's who may look and not touch."""


@dataclass(frozen=True)
class Demo:
    """Two demos in one folder, one after the other, and what each printed."""

    settings: Settings
    first: str
    second: str


@pytest.fixture(scope="session")
def metrics() -> Iterator[Metrics]:
    """What Airflow's metrics are sent to."""
    server = Metrics()
    yield server
    server.close()


@pytest.fixture(scope="session")
def mailbox() -> Iterator[MailServer]:
    """What the channel `desk` leads to."""
    with serving_mail() as server:
        yield server


@pytest.fixture(scope="session")
def ran(open_folder: Path, metrics: Metrics) -> Iterator[Demo]:
    settings = Settings(home=str(open_folder / "demo"))
    printed = []
    for _ in range(2):
        console = Console(file=StringIO(), width=160)
        with environment(metrics.environment):
            demo.run(settings, console)
        printed.append(console.file.getvalue())  # type: ignore[attr-defined]
        assert_nothing_runs(settings)
    yield Demo(settings, *printed)
    stack.stop(settings)


@contextmanager
def environment(more: Mapping[str, str]) -> Iterator[None]:
    """What processes find that are started here; other tests of this process do not."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in more.items():
            patch.setenv(name, value)
        yield


def assert_nothing_runs(settings: Settings) -> None:
    left = [
        p for p in psutil.process_iter(["cmdline", "environ"]) if settings.home in " ".join(p.info["cmdline"] or [])
    ]
    ours = [
        p for p in psutil.process_iter(["environ"]) if (p.info["environ"] or {}).get("MEDIAWATCH_HOME") == settings.home
    ]
    assert [p.pid for p in (*left, *ours) if p.pid != psutil.Process().pid] == []


@dataclass(frozen=True)
class Metadata:
    """What Airflow's own database holds after the demos."""

    xcoms: tuple[int, int]
    unfinished: list[tuple[str, ...]]
    names: list[str]
    events: list[tuple[str, dict[str, int]]]


@pytest.fixture(scope="session")
def metadata(ran: Demo) -> Metadata:
    folder = database.folder(ran.settings)
    server = postgres.start(folder)
    try:
        connection = psycopg2.connect(server.url(database.METADATA))

        def rows(query: str) -> list[Any]:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()

        load = "select rendered_map_index from task_instance where task_id = 'batch.load' and state = 'success'"
        found = Metadata(
            rows("select count(*), max(octet_length(value::text)) from xcom")[0],
            rows("select dag_id, task_id, state from task_instance where state not in ('success', 'skipped')"),
            [name for (name,) in rows(load)],
            rows("select a.name, e.extra from asset_event e join asset a on a.id = e.asset_id"),
        )
        connection.close()
    finally:
        postgres.stop(folder)
    return found


@pytest.fixture(scope="session")
def up(ran: Demo, metadata: Metadata, mailbox: MailServer) -> Iterator[tuple[Settings, Airflow]]:
    """Airflow on the demo's folder, to stay; its database was read before. Secrets are in its environment."""
    mailto = f"mailto://127.0.0.1:{mailbox.port}/?from=a@x.example&to=b@x.example"
    given = {"MEDIAWATCH_DIGEST_CHANNELS": "desk", "MEDIAWATCH_CREDENTIAL_DESK": mailto, USERS: f"{VIEWER}:viewer"}
    with environment(given | dict.fromkeys(SECRETS, f"desk:{CANARY}")):
        settings, airflow = stack.start(ran.settings, port=0, brisk=True, progress=lambda _: None)
    yield settings, airflow
    stack.stop(settings)
    assert_nothing_runs(settings)


def password(airflow: Airflow, user: str) -> str:
    """The password that Airflow has made up for a user."""
    return str(json.loads(airflow.home.passwords.read_text())[user])
