"""Many machines as processes of one: does it hold when a worker dies, and what do further workers bring?

python cluster.py load [ARTICLES]    three Celery workers, one of them killed in the middle; exits 1 if anything is lost
python cluster.py scale [PAGES]      the fetch stage through one worker and through three
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import fetch
import loopback
import machine
import psutil
import yaml
from mediawatch.errors import StoreError
from mediawatch.feeds import opml
from mediawatch.feeds.opml import Subscription
from mediawatch.local import cluster, corpus, database, demo, processes, stack
from mediawatch.local.cluster import Cluster, Worker
from mediawatch.settings import PROJECT, Settings
from mediawatch.stages.maintain import check_balance
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from rich.console import Console

LIMIT_S = 1_500.0
EACH = 10
"""Articles that a host announces."""
CORPUS_ENTRIES, CORPUS_ARTICLES = 126, 114
WORKERS = (Worker("a", "web", 2), Worker("b", "cpu,default", 2), Worker("c", "web,cpu,default", 2))
VICTIM = "c"
EXTRACTOR = "mediawatch.articles.worker"
CHECKED = ("api-server", "scheduler", "dag-processor", "worker-web")
STAGES = ("fetch", "extract", "deduplicate", "tag", "load")
LOG = re.compile(r"task_id=(?:batch\.)?(\w+)/.*attempt=(\d+)\.log$")
ROBOTS = "insert into robots values (%(origin)s, '', now(), now() + interval '1 day')"
REQUESTS, SLOTS = 20, 2
"""Requests that a worker has on the way at once, and the tasks that share them."""


def load(count: int) -> None:
    """Take the corpus and `count` articles through the cluster, kill a worker on the way, print who did what."""
    began, killed = time.monotonic(), Counter[str]()
    hosts = str(count // EACH)
    with loopback.serving("articles", "0.05", hosts, str(EACH)) as port, home(count // EACH, port) as settings:
        settings = replace(settings, batch_entries=max(50, count // 8))
        with demo.Watch(Console(stderr=True), began) as watch, at_work(settings, WORKERS, watch) as (db, up):
            subscribe(db, opml.read((corpus.ROOT / "feeds.opml").read_bytes()))
            subscribe(
                db, [Subscription(url=f"http://host{number}.example/feed.xml") for number in range(count // EACH)]
            )
            up.airflow.client.await_dags(stack.DAGS)
            watch.step("asking the health checks of docker-compose.yml")
            with ThreadPoolExecutor() as pool:
                health = dict(zip(CHECKED, pool.map(partial(healthy, up), CHECKED), strict=True))
            times = {"start": time.monotonic() - began}
            watch.step("polling (DAG poll_feeds)")
            demo.poll(db, up.airflow, watch, db.now(), LIMIT_S)
            times["poll"] = time.monotonic() - began
            watch.step(f"fetch … load (DAG ingest_articles); worker {VICTIM} is killed while it extracts")
            Thread(target=kill, args=(up, killed, began), daemon=True).start()
            demo.ingest(db, up.airflow, watch, LIMIT_S)
            times["ingest"] = time.monotonic() - began
            watch.step("stopping")
            codes = up.stop()
            times["stop"] = time.monotonic() - began
            problems = [*wrong(db, count), *undead(up, codes, killed)]
            problems += [f"{name} did not pass its health check" for name, well in health.items() if not well]
            did = {name: tasks(up.folder(name)) for name in up.workers}
            problems += [] if sum(done["again"] for done in did.values()) else ["the kill interrupted no task"]
    report(count, did, killed, times)
    if problems:
        raise SystemExit("\n".join(problems))


def report(count: int, did: dict[str, Counter[str]], killed: Counter[str], times: dict[str, float]) -> None:
    """Print the table of who did what."""
    rows = []
    for worker in WORKERS:
        end = f"killed at {killed['at_s']} s" if worker.name == VICTIM else "ended when told"
        done = did[worker.name]
        rows.append((worker.name, worker.queues, *(str(done[name]) for name in (*STAGES, "other", "again")), end))
    steps = ", ".join(f"{name} {at_s:.0f} s" for name, at_s in times.items())
    machine.print_table(
        "Three Celery workers, one of them killed",
        ("worker", "queues", *STAGES, "others", "second tries", "end"),
        rows,
        f"{count:,} articles of {count // EACH} hosts and the sample corpus; all are loaded, each once, and the ledger "
        f"balances. Clock at the end of each step: {steps}.",
    )


def kill(up: Cluster, killed: Counter[str], began: float) -> None:
    """Wait until the victim has extracted for a second and is still at it, and kill every process of it."""
    seen = 0
    while seen < 10:
        time.sleep(0.1)
        seen = seen + 1 if EXTRACTOR in commands(up) else 0
    killed["processes"] = up.kill(VICTIM)
    killed["at_s"] = round(time.monotonic() - began)


def commands(up: Cluster) -> set[str]:
    """All words of the command lines of the victim's processes."""
    found: set[str] = set()
    for process in processes.members([up.workers[VICTIM]]):
        with suppress(psutil.Error):
            found.update(process.cmdline())
    return found


def wrong(db: Database, count: int) -> list[str]:
    """What is not as it must be when everything is loaded once."""
    problems = []
    try:
        check_balance(db)
    except StoreError as error:
        problems.append(str(error))
    totals = db.row("status.totals")
    assert totals is not None
    wanted = {"entries": CORPUS_ENTRIES + count, "pending": 0, "articles": CORPUS_ARTICLES + count}
    problems += [f"{k}: {getattr(totals, k)}, not {v}" for k, v in wanted.items() if getattr(totals, k) != v]
    more = {
        "loaded twice": "select 1 from outcome where stage || status = 'loadok' group by entry_id having count(*) > 1",
        "open batches": "select batch_id from batch where state = 'open'",
    }
    return problems + [f"{what}: {len(found)}" for what, query in more.items() if (found := db.execute(query))]


def undead(up: Cluster, codes: dict[str, int | None], killed: Counter[str]) -> list[str]:
    """What is left of the processes, and workers that did not end as they should."""
    left = processes.members([*up.workers.values(), up.redis, *up.airflow.home.services])
    wanted = {worker.name: None if worker.name == VICTIM else 0 for worker in WORKERS}
    return [
        *([] if killed["processes"] else [f"worker {VICTIM} was never killed"]),
        *([f"still running: {left}"] if left else []),
        *([f"the workers ended with {codes}, not {wanted}"] if codes != wanted else []),
    ]


def healthy(up: Cluster, service: str) -> bool:
    """Whether a service passes its health check of docker-compose.yml, with the ports and the name that it has here."""
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text("utf-8"))
    kind, *words = compose["services"][service]["healthcheck"]["test"]
    here = {
        "docker/entrypoint": "env",  # the environment is there already
        ":8080": f":{up.airflow.url.rpartition(':')[2]}",
        ":8974": f":{up.env[cluster.HEALTH_PORT]}",
        "celery@$$HOSTNAME": f"{VICTIM}@{socket.gethostname()}",
    }
    for there, value in here.items():
        words = [word.replace(there, value) for word in words]
    command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
    env = {**up.env, "PATH": f"{Path(sys.executable).parent}:{up.env['PATH']}"}
    return subprocess.run(command, env=env, capture_output=True, check=False, timeout=120).returncode == 0


def tasks(folder: Path) -> Counter[str]:
    """How many tasks a worker ran by its own logs: by stage, all others, and those that were a second try."""
    found: Counter[str] = Counter()
    for log in folder.rglob("attempt=*.log"):
        if match := LOG.search(str(log)):
            found[match[1] if match[1] in STAGES else "other"] += 1
            found["again"] += int(match[2]) > 1
    return found


def scale(count: int) -> None:
    """Fetch `count` pages through three workers, then through one, and print the table."""
    hosts, latency = str(loopback.HOSTS), str(loopback.LATENCY_S)
    workers = [Worker(name, "web,cpu,default", SLOTS) for name in "abc"]
    with loopback.serving("pages", latency, hosts) as port, home(loopback.HOSTS, port) as settings:
        rounds = count // (2 * SLOTS * len(workers))
        settings = replace(settings, host_spacing_s=0, fetch_concurrency=REQUESTS // SLOTS, batch_entries=rounds)
        watch = demo.Watch(Console(stderr=True), time.monotonic())
        with watch, at_work(settings, workers, watch, dags=PROJECT / "bench" / "dags") as (db, up):
            for number in range(loopback.HOSTS):
                db.execute(ROBOTS, {"origin": f"http://host{number}.example"})
            up.airflow.client.await_dags(["fetch_pages"])
            watch.step("fetching with three workers")
            three = rate(db, up, 0, count)
            for name in "bc":
                up.end(name)
            watch.step("fetching with one worker")
            one = rate(db, up, 1, count)
    machine.print_table(
        "Fetching with Celery workers",
        ("workers", "pages/s", "× one worker", "target"),
        [("1", f"{one:,.0f}", "1", ""), ("3", f"{three:,.0f}", f"{three / one:.2f}", "≥ 2.4")],
        f"{count:,} pages of {loopback.PAGE_BYTES // 1000} kB from {hosts} hosts with {latency} s latency; a worker "
        f"has {REQUESTS} requests on the way, in {SLOTS} tasks. From the first fetch's start to the last one's end.",
    )


def rate(db: Database, up: Cluster, number: int, count: int) -> float:
    """Pages a second of a run of `fetch_pages` over new entries."""
    fetch.announced(db, number, count)
    client = up.airflow.client
    run, deadline = client.trigger("fetch_pages"), time.monotonic() + LIMIT_S
    while (state := client.run_state("fetch_pages", run)) in ("queued", "running"):
        demo.expire(deadline, "fetch_pages")
    fetched = db.execute("select count(*) from entry where stage = 'extract'")[0][0]
    if state != "success" or fetched != count * (number + 1):
        raise SystemExit(f"the run ended as {state}, with {fetched} pages")
    db.execute("update batch set state = 'done'")
    tasks = [task for task in client.task_instances("fetch_pages", run) if task["task_id"] == "fetch"]
    return count / (max(map(at("end_date"), tasks)) - min(map(at("start_date"), tasks)))


def at(field: str) -> Callable[[dict[str, str]], float]:
    """Reads a time of a task, as seconds."""
    return lambda task: datetime.fromisoformat(task[field].replace("Z", "+00:00")).timestamp()


@contextmanager
def home(hosts: int, port: int) -> Iterator[Settings]:
    """Settings in a folder of their own whose hosts lead to the server on that port; the archive is shared by all."""
    names = ",".join(f"host{n}.example={address}:{port}" for n, address in enumerate(loopback.addresses(hosts)))
    with TemporaryDirectory(prefix="mediawatch-cluster-") as folder:
        yield demo.quick(Settings(home=folder, archive=f"{folder}/archive", hosts=names))


@contextmanager
def at_work(
    settings: Settings, workers: Sequence[Worker], watch: demo.Watch, **options: Path
) -> Iterator[tuple[Database, Cluster]]:
    """The database and the running cluster; stopped at the end, whatever happens."""
    try:
        watch.step("starting Postgres and serving the sample corpus")
        settings = database.start(settings)
        stack.prepare(settings)
        settings = stack.serve_corpus(settings)
        up = cluster.start(settings, workers, progress=watch.step, **options)
        try:
            with Database(settings.database_url) as db:
                yield db, up
        finally:
            up.stop()
    finally:
        stack.stop(settings)


if __name__ == "__main__":
    what, size = sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else 5_000
    {"load": load, "scale": scale}[what](size)
