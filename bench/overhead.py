"""What Airflow costs: articles from the feeds to loaded through a real Airflow, beside the same stages without it.

python overhead.py [ARTICLES [LIKE]]     LIKE a folder of pages to take the markup of; default: the corpus
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import machine
import pages
import pipeline
import psutil
from cluster import at
from mediawatch.local import corpus, demo, stack
from mediawatch.local.airflow import Airflow
from mediawatch.settings import Settings
from mediawatch.store.database import Database
from rich.console import Console

LIMIT_S = 1_500.0
TARGET, MOST_TASKS, MOST_MB = 1.25, 50, 600
CHAIN = ("poll_feeds", "ingest_articles")
BATCHES = 8
"""So many are 10,000 articles by default; with fewer articles the batches are smaller."""
SAMPLE_S = 0.5
KINDS = {
    "extraction worker": r"mediawatch\.articles\.worker",
    "feed worker": r"mediawatch\.feeds\.worker",
    "task": r"airflow worker -- [0-9a-f-]{36}",
    "supervisor of tasks": r"airflow worker -- LocalExecutor",
}
"""Processes by their command lines; all others are Airflow's components."""


@dataclass(frozen=True)
class Seen:
    """A process: what it is, its peak of resident memory, its processor time when it was first seen and last."""

    kind: str
    peak_mb: float
    first_s: float
    last_s: float


@dataclass(frozen=True)
class Run:
    """What the runs of a chain took: seconds from the trigger to the end of the last task, its task instances, and
    the processes that were there."""

    seconds: float
    tasks: list[dict[str, Any]]
    seen: list[Seen]


def main(count: int, like: Path) -> None:
    """Print the tables."""
    with TemporaryDirectory(prefix="mediawatch-overhead-") as name:
        root = Path(name) / "pages"
        models = pages.write(like, root, count)
        report(count, models, *measured(Path(name), root, count))


def measured(home: Path, root: Path, count: int) -> tuple[Run, float]:
    """The folder's pages through Airflow, and the seconds without it."""
    settings = Settings(home=f"{home}/home", host_spacing_s=0)
    settings = replace(settings, batch_entries=min(settings.batch_entries, count // BATCHES))
    with pipeline.served(settings, root, count, 0.0) as told, at_work(told) as (db, airflow):
        for dag in CHAIN:  # the first task of all waits for what Airflow builds then
            airflow.client.trigger(dag)
        for dag in CHAIN:
            demo.calm_down(airflow, dag)
        pipeline.announce(db, count)
        run = chain(db, airflow, count)
        pipeline.told(db, count)
    return run, count / pipeline.whole_rate(root, count, 0.0, batch_entries=settings.batch_entries)


def report(count: int, models: int, run: Run, alone_s: float) -> None:
    """Print what it took, where the time went, and the memory."""
    ratio, tasks = run.seconds / alone_s, len(run.tasks)
    machine.print_table(
        "What Airflow costs",
        ("what", "seconds", "articles/s", "× without", "target", "tasks", "target"),
        [
            ("stages, without Airflow", f"{alone_s:.0f}", f"{count / alone_s:.1f}", "1", "", "", ""),
            (
                "DAGs poll_feeds → ingest_articles",
                f"{run.seconds:.0f}",
                f"{count / run.seconds:.1f}",
                f"{ratio:.2f}",
                f"≤ {TARGET}",
                f"{tasks}",
                f"≤ {MOST_TASKS}",
            ),
        ],
        f"{count:,} pages in the markup of {models} others, {count // pipeline.EACH:,} hosts, a feed each, no latency; "
        f"fresh databases, {pipeline.PROCESSES} processes at a time. With Airflow: from the request that triggers "
        "poll_feeds to the end of the last task of ingest_articles, which the asset starts. The start of each task is "
        "in it, Airflow's own is not; each DAG had run once, with nothing to do. In extraction each batch has a worker "
        f"a core with Airflow, which is the default; there are {pipeline.PROCESSES} in all without.",
    )
    spent: dict[str, list[float]] = defaultdict(list)
    for task in run.tasks:
        spent[task["task_id"]].append(at("end_date")(task) - at("start_date")(task))
    machine.print_table(
        "Its tasks",
        ("task", "tasks", "seconds, sum", "longest"),
        [(name, f"{len(each)}", f"{sum(each):.0f}", f"{max(each):.0f}") for name, each in spent.items()],
        "",
    )
    kinds = sorted({each.kind for each in run.seen})
    of = {kind: [each for each in run.seen if each.kind == kind] for kind in kinds}
    machine.print_table(
        "Its processes",
        ("process", "seen", "processor, s", "MB at the peak, the largest", "target"),
        [
            (
                kind,
                f"{len(of[kind])}",
                f"{sum(each.last_s - each.first_s for each in of[kind]):.0f}",
                f"{max(each.peak_mb for each in of[kind]):.0f}",
                f"≤ {MOST_MB}",
            )
            for kind in kinds
        ],
        "Resident memory, with what a process shares with others.",
    )


def chain(db: Database, airflow: Airflow, count: int) -> Run:
    """Trigger a poll of all feeds, and wait until what it announced has gone through every stage."""
    client, began, deadline = airflow.client, time.time(), time.monotonic() + LIMIT_S
    with watching(airflow) as seen:
        client.trigger(CHAIN[0], {"force": True})
        while not finished(db, count) or any(demo.busy(client.runs(dag)) for dag in CHAIN):
            demo.expire(deadline, CHAIN[1])
    runs = ((dag, run["dag_run_id"]) for dag in CHAIN for run in client.runs(dag))
    tasks = [task for dag, run in runs for task in client.task_instances(dag, run)]
    if any(task["state"] not in ("success", "skipped") for task in tasks):
        raise SystemExit(f"not every task succeeded: {Counter(task['state'] for task in tasks)}")
    done = [task for task in tasks if task["state"] == "success" and at("start_date")(task) > began]
    return Run(max(map(at("end_date"), done)) - began, done, list(seen.values()))


def finished(db: Database, count: int) -> bool:
    """Whether all that was announced has gone through."""
    totals = db.row("status.totals")
    assert totals is not None
    return bool(totals.entries == count and not totals.pending)


@contextmanager
def at_work(settings: Settings) -> Iterator[tuple[Database, Airflow]]:
    """The database, and an Airflow as `make up` starts it; stopped at the end, whatever happens."""
    watch = demo.Watch(Console(stderr=True), time.monotonic())
    with watch:
        settings, airflow = stack.start(settings, port=0, brisk=False, progress=watch.step, subscribed=False)
        try:
            watch.step("DAGs poll_feeds and ingest_articles")
            with Database(settings.database_url) as db:
                yield db, airflow
        finally:
            stack.stop(settings)


@contextmanager
def watching(airflow: Airflow) -> Iterator[dict[psutil.Process, Seen]]:
    """What was seen of each process of Airflow's while the block runs."""
    seen: dict[psutil.Process, Seen] = {}
    over = Event()
    thread = Thread(target=look, args=(airflow, seen, over), daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def look(airflow: Airflow, seen: dict[psutil.Process, Seen], over: Event) -> None:
    """Look at every process of Airflow's, again and again until it is over."""
    while not over.wait(SAMPLE_S):
        for service in airflow.home.services:
            leader = service.leader()
            for process in [leader, *leader.children(recursive=True)] if leader else []:
                with suppress(psutil.Error, OSError):
                    kind, cpu = kind_of(process, service.name), process.cpu_times()
                    spent_s = cpu.user + cpu.system
                    first_s = seen[process].first_s if process in seen else spent_s if process == leader else 0.0
                    seen[process] = Seen(kind, machine.memory_mb(process.pid, "VmHWM"), first_s, spent_s)


def kind_of(process: psutil.Process, component: str) -> str:
    """What a process of a component's is."""
    words = " ".join(process.cmdline())
    return next((kind for kind, pattern in KINDS.items() if re.search(pattern, words)), component)


if __name__ == "__main__":
    given = sys.argv[1:] + ["10000", str(corpus.ROOT)][len(sys.argv) - 1 :]
    main(int(given[0]), Path(given[1]))
