"""Everything together on this machine: Postgres, migrations, the sample corpus with its feeds, and Airflow."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mediawatch.errors import LocalServiceError
from mediawatch.feeds import opml
from mediawatch.local import airflow, corpus, database, postgres, processes
from mediawatch.local.airflow import Airflow
from mediawatch.local.processes import Service
from mediawatch.settings import Settings
from mediawatch.stages.alert_rules import sync_rules
from mediawatch.stages.subscribe import subscribe
from mediawatch.stages.sync_topics import sync_topics
from mediawatch.store.database import Database
from mediawatch.store.migrate import migrate

DAGS = (
    "poll_feeds",
    "ingest_articles",
    "refetch_articles",
    "retag_articles",
    "maintain_store",
    "send_alerts",
    "send_digest",
)
PORT_FILE = "corpus.port"
Progress = Callable[[str], None]


def start(
    settings: Settings, *, port: int, brisk: bool, progress: Progress, subscribed: bool = True
) -> tuple[Settings, Airflow]:
    """Start what is not there yet; the settings that all of it runs with, and Airflow with its DAGs parsed.

    `subscribed`: put the sample corpus's feeds into the database. LocalServiceError when it is up already, or a part
    does not start; then what was started is stopped again.
    """
    if airflow.running(settings):
        raise LocalServiceError("mediawatch is up already; `make down` stops it")
    airflow.free_port(port)  # before anything is started or written
    try:
        progress("starting Postgres")
        settings = database.start(settings)
        progress("preparing mediawatch's database")
        prepare(settings)
        progress("serving the sample corpus")
        settings = serve_corpus(settings)
        if subscribed:
            with Database(settings.database_url) as db:
                subscribe(db, opml.read((corpus.ROOT / "feeds.opml").read_bytes()))
        started = airflow.start(
            settings, metadata_url=database.metadata_url(settings), port=port, brisk=brisk, progress=progress
        )
        progress("reading the DAGs")
        started.client.await_dags(DAGS)
    except BaseException:
        stop(settings)
        raise
    return settings, started


def stop(settings: Settings) -> None:
    """Stop all of it, also from another shell than the one that started it."""
    airflow.stop(settings)
    processes.stop([corpus_service(settings), tidy_service(settings)])
    postgres.stop(database.folder(settings))


def prepare(settings: Settings) -> None:
    """Bring mediawatch's database to this version, with the shipped topics and alert rules."""
    with Database(settings.database_url) as db:
        migrate(db)
        sync_topics(db)
        sync_rules(db)


def serve_corpus(settings: Settings) -> Settings:
    """Serve the sample corpus; settings whose hosts lead to it."""
    service = corpus_service(settings)
    port_file = service.folder / PORT_FILE
    port_file.unlink(missing_ok=True)
    service.start([sys.executable, "-m", "mediawatch.local.corpus", "--port-file", str(port_file)], os.environ)
    _await_port(service, port_file)
    return with_corpus(settings)


def with_corpus(settings: Settings) -> Settings:
    """Settings whose hosts lead to the sample corpus, if it is being served."""
    service = corpus_service(settings)
    if service.leader() is None:
        return settings
    port = int((service.folder / PORT_FILE).read_text())
    return replace(settings, hosts=",".join(filter(None, (settings.hosts, corpus.hosts(corpus.ROOT, port)))))


def keep_tidy(settings: Settings) -> None:
    """Clean Airflow's own database and logs once a day, for as long as all of it is up."""
    tidy = "from mediawatch.cli import main; main()"
    env = {**os.environ, "MEDIAWATCH_HOME": settings.home}
    tidy_service(settings).start([sys.executable, "-c", tidy, "tidy", "--every-h", "24"], env)


def tidy_service(settings: Settings) -> Service:
    """What keeps Airflow from growing."""
    return Service("tidy", Path(settings.home).resolve() / "run")


def corpus_service(settings: Settings) -> Service:
    """The corpus's web server."""
    return Service("corpus", Path(settings.home).resolve() / "run")


def _await_port(service: Service, port_file: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if port_file.exists():
            return
        if service.leader() is None:
            break
        time.sleep(0.05)
    raise LocalServiceError(f"the sample corpus was not served; the end of {service.log}:\n{service.tail()}")
