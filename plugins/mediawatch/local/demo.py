"""The demo: the sample corpus through the real DAGs, watched until it is loaded, then polled once more."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.status import Status

from mediawatch.errors import LocalServiceError
from mediawatch.local import addresses, stack
from mediawatch.local.airflow import Airflow
from mediawatch.reports import found
from mediawatch.reports.status import totals_line
from mediawatch.settings import PREFIX, Settings
from mediawatch.store.database import Database, plain

UP_URL = "http://127.0.0.1:8080"
"""Where `make up` starts Airflow."""
DEADLINE_S = 420.0
QUIET_S = 5.0
"""How long a due ingestion may stay unstarted before the demo starts it: Airflow's own rhythm is 10 minutes."""
SEEDS = (
    "http://harborledger.example/world/joint-working-group.html",
    "http://meridianpost.example/world/countries-concerned-over-fentanyl-trafficking/",
)


def run(settings: Settings, console: Console) -> None:
    """Start everything, run the DAGs until the corpus is loaded, poll again, print what was found, stop everything."""
    settings = quick(settings)
    began = time.monotonic()
    with Watch(console, began) as watch:
        settings, airflow = stack.start(settings, port=0, brisk=True, progress=watch.step)
        try:
            with Database(settings.database_url) as db:
                before = plain(db.row("status.totals"))
                first = db.now()
                watch.step("polling the feeds (DAG poll_feeds)")
                poll(db, airflow, watch, first)
                watch.step("fetch, extract, deduplicate, tag, load (DAG ingest_articles)")
                ingest(db, airflow, watch)
                watch.step("polling the feeds once more")
                second = db.now()
                poll(db, airflow, watch, second)
                watch.step("asking the alert rules (DAG send_alerts)")
                calm_down(airflow, "send_alerts")
                watch.step("reading the result")
                report = found.report(db, before, first, second, SEEDS)
                pages = addresses.pages(db, UP_URL)
        finally:
            watch.step("stopping Airflow, the corpus and Postgres")
            stack.stop(settings)
    console.print(report)
    unbroken(console, found.questions())
    console.print("\n[dim]the pages, once `make up` has started it to stay:[/]")
    unbroken(console, [f"  {name:12} {address}" for name, address in pages])
    console.print(
        f"[dim]done in {time.monotonic() - began:.0f} s; nothing is left running; data and logs: {settings.home}[/]"
    )


def unbroken(console: Console, lines: Iterable[str]) -> None:
    """Print lines that somebody will copy: however narrow the terminal is, each stays one line."""
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False)


def quick(settings: Settings) -> Settings:
    """Settings for publishers that are on this machine and mind no hurry; what the environment says still wins."""
    values: dict[str, Any] = {"host_spacing_s": 0.05, "retry_base_s": 2.0, "fetch_attempts": 2}
    return replace(settings, **{k: v for k, v in values.items() if PREFIX + k.upper() not in os.environ})


class Watch:
    """Progress on the terminal: a line for each step that is over, a moving one for the step that is on."""

    def __init__(self, console: Console, began: float) -> None:
        self._console = console
        self._began = began
        self._step = ""
        self._status = Status("", console=console)

    def __enter__(self) -> Watch:
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end_step()
        self._status.stop()

    def step(self, text: str) -> None:
        """A new step begins."""
        self._end_step()
        self._step = text
        self.note("")

    def note(self, text: str) -> None:
        """How far the step is."""
        self._status.update(f"{self._step}  [dim]{text}[/]")

    def _end_step(self) -> None:
        if self._step:
            self._console.print(f"[dim]{time.monotonic() - self._began:5.0f} s[/]  {self._step}")
            self._step = ""


def poll(db: Database, airflow: Airflow, watch: Watch, since: datetime, limit_s: float = DEADLINE_S) -> None:
    """Until every active feed was polled since then, and the runs are over: the schedule's, else a forced one."""
    client, deadline = airflow.client, time.monotonic() + limit_s
    while db.value("status.unpolled", since=since) or busy(client.runs("poll_feeds")):
        runs = client.runs("poll_feeds")
        if any(run["state"] == "failed" for run in runs):
            raise LocalServiceError(f"a run of poll_feeds failed; its logs are under {airflow.home.folder}/logs")
        if not busy(runs):
            client.trigger("poll_feeds", {"force": True})
        watch.note(totals_line(plain(db.row("status.totals"))))
        expire(deadline, "poll_feeds")


def ingest(db: Database, airflow: Airflow, watch: Watch, limit_s: float = DEADLINE_S) -> None:
    """Until no entry is pending and no run is under way; retries that are due are started, not waited for."""
    client, deadline = airflow.client, time.monotonic() + limit_s
    idle_since: float | None = None
    while True:
        runs = client.runs("ingest_articles")
        if any(run["state"] == "failed" for run in runs):
            raise LocalServiceError(f"a run of ingest_articles failed; its logs are under {airflow.home.folder}/logs")
        waiting = db.row("status.due")
        assert waiting is not None
        if not waiting.pending and not busy(runs):
            return
        idle_since = None if busy(runs) or not waiting.due else idle_since or time.monotonic()
        if idle_since and time.monotonic() - idle_since > QUIET_S:
            client.trigger("ingest_articles")
            idle_since = None
        watch.note(totals_line(plain(db.row("status.totals"))))
        expire(deadline, "ingest_articles")


def calm_down(airflow: Airflow, dag: str) -> None:
    """Until no run of a DAG is under way."""
    deadline = time.monotonic() + DEADLINE_S
    while busy(airflow.client.runs(dag)):
        expire(deadline, dag)


def busy(runs: list[dict[str, Any]]) -> bool:
    """Whether one of these DAG runs is not over."""
    return any(run["state"] in ("queued", "running") for run in runs)


def expire(deadline: float, dag: str) -> None:
    """Wait a moment; LocalServiceError when it has taken too long."""
    if time.monotonic() > deadline:
        raise LocalServiceError(f"{dag} was not done in its time")
    time.sleep(0.5)
