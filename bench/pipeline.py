"""The whole pipeline beside trafilatura alone, beside the plain script that one would write, and beside news-please.

python pipeline.py [PAGES] [LIKE]      the table; LIKE a folder of pages to take the markup of; default: the corpus
python pipeline.py batches JSON        settings, batch ids and stages: does those (a process of the above)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import feedparser
import loopback
import machine
import pages
import psycopg2
import requests
import store
import trafilatura
from mediawatch import stages
from mediawatch.feeds.opml import Subscription
from mediawatch.local import corpus
from mediawatch.settings import Settings
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database

PROCESSES = 2
EACH = 10
"""Pages that a host announces."""
LATENCY_S = 0.2
SCRIPTED, SCRIPTED_SLOWLY = 500, 150
"""Pages that the script takes without latency, and with it: it is sequential, so their number changes no rate."""
NEWSPLEASE = "MEDIAWATCH_NEWSPLEASE"
"""An environment variable: the python of an environment that has news-please. Without it that row is left out."""


def main(count: int, like: Path) -> None:
    """Print the table."""
    with TemporaryDirectory() as name:
        root = Path(name)
        models = pages.write(like, root, count)
        alone = trafilatura_rate(root, count)
        print(f"trafilatura alone: {alone:.1f} pages/s", file=sys.stderr)
        load = whole_rate(root, count, 0.0, from_archive=True)
        fast, slow = (whole_rate(root, count, latency_s) for latency_s in (0.0, LATENCY_S))
        script = script_rate(root, min(count, SCRIPTED), 0.0)
        slow_script = script_rate(root, min(count, SCRIPTED_SLOWLY), LATENCY_S)
        peer = newsplease_rate(root, min(count, SCRIPTED_SLOWLY))
    rows = [
        ("trafilatura alone, with metadata", f"{alone:.1f}", "", ""),
        ("archived pages → loaded articles", f"{load:.1f}", f"{load / alone:.2f} × trafilatura alone", "≥ 0.70"),
        ("plain script, 0 ms", f"{script:.1f}", "", ""),
        ("feeds → loaded articles, 0 ms", f"{fast:.1f}", f"{fast / script:.1f} × the script", "≥ 1.7"),
        (f"plain script, {LATENCY_S * 1000:.0f} ms", f"{slow_script:.1f}", "", ""),
        (
            f"feeds → loaded articles, {LATENCY_S * 1000:.0f} ms",
            f"{slow:.1f}",
            f"{slow / slow_script:.1f} × the script",
            "≥ 10",
        ),
    ]
    if peer:
        rows += [
            ("news-please, 0 ms", f"{peer:.1f}", "", ""),
            ("feeds → loaded articles, 0 ms", f"{fast:.1f}", f"{fast / peer:.1f} × news-please", "≥ 5"),
        ]
    machine.print_table(
        "The whole pipeline",
        ("what", "pages/s", "share", "target"),
        rows,
        f"{count:,} pages in the markup of {models} others, each with sentences of its own; "
        f"{count // EACH} hosts; {PROCESSES} processes for trafilatura and for us. "
        f"The script (requests, feedparser, trafilatura, INSERT) and "
        "news-please go page by page, as they do.",
    )


def trafilatura_rate(root: Path, count: int) -> float:
    """Pages a second of trafilatura in its default mode with metadata, from files, in PROCESSES processes."""
    with get_context("fork").Pool(PROCESSES) as pool:
        pool.map(_extracted, [root / "0.html"] * PROCESSES, 1)  # what is made once in a process is not counted
        started = time.perf_counter()
        pool.map(_extracted, [root / f"{number}.html" for number in range(count)], 25)
        return count / (time.perf_counter() - started)


def _extracted(page: Path) -> int:
    document = trafilatura.bare_extraction(page.read_text("utf-8"), include_comments=False, with_metadata=True)
    return len(getattr(document, "text", None) or "")


def whole_rate(
    root: Path, count: int, latency_s: float, *, from_archive: bool = False, batch_entries: int = 0
) -> float:
    """Articles a second: from the feeds' addresses to loaded, or with `from_archive` from the archived pages on."""
    with store.fresh() as (db, settings), served(settings, root, count, latency_s) as settings:
        settings = replace(settings, batch_entries=batch_entries or -(-count // (2 * PROCESSES)))
        announce(db, count)
        started = time.perf_counter()
        for shard in stages.poll.claim_feeds(db, settings, "bench", force=True):
            stages.poll.poll(db, settings, shard)
        batches = stages.claim.claim(db, settings, "bench")
        if from_archive:
            in_processes(settings, batches, ["fetch"])
            started = time.perf_counter()
        in_processes(settings, batches, list(stages.STAGES)[from_archive:])
        took_s = time.perf_counter() - started
        told(db, count)
    print(f"{count / took_s:.1f} pages/s, latency {latency_s} s, from archive: {from_archive}", file=sys.stderr)
    return count / took_s


@contextmanager
def served(settings: Settings, root: Path, count: int, latency_s: float) -> Iterator[Settings]:
    """Settings whose hosts lead to a server of the folder's pages, EACH a host, and of the feeds that announce them."""
    hosts = count // EACH
    with loopback.serving("folder", str(latency_s), str(hosts), str(root), str(EACH)) as port:
        places = enumerate(loopback.addresses(hosts))
        yield replace(settings, hosts=",".join(f"host{number}.example={address}:{port}" for number, address in places))


def announce(db: Database, count: int, first: int = 0) -> None:
    """Subscribe to the feeds of that many pages, from number `first` on."""
    numbers = range(first // EACH, (first + count) // EACH)
    feeds = (f"http://host{number}.example/feed/{number}.xml" for number in numbers)
    subscribe(db, [Subscription(url=url) for url in feeds])


def told(db: Database, count: int) -> None:
    """Say on stderr what became of the pages that are no articles; SystemExit if one is unaccounted for."""
    loaded = db.execute("select count(*) from article where loaded_at is not null")[0][0]
    ended = db.execute("select reason, count(*) from outcome where status <> 'ok' group by 1 order by 2 desc")
    print(f"{loaded} of {count} loaded; {dict(ended)}", file=sys.stderr)
    if loaded + sum(number for _, number in ended) < count:
        raise SystemExit("pages are missing")


def in_processes(settings: Settings, batches: Sequence[int], wanted: Sequence[str]) -> None:
    """Share the batches out among PROCESSES processes, as among Airflow's tasks; each does a batch's stages in turn."""
    running = []
    for number in range(PROCESSES):
        work = {"settings": asdict(settings), "batches": batches[number::PROCESSES], "stages": wanted}
        running.append(subprocess.Popen([sys.executable, __file__, "batches", json.dumps(work)]))
    if any(process.wait() for process in running):
        raise SystemExit("a process failed")


def do_batches(work: dict[str, Any]) -> None:
    """What a process of `in_processes` does."""
    settings = Settings(**{**work["settings"], "extract_workers": 1})
    with Database(settings.database_url) as db:
        for batch_id in work["batches"]:
            for stage in work["stages"]:
                stages.run(stage, db, settings, batch_id, "bench")


def script_rate(root: Path, count: int, latency_s: float) -> float:
    """Pages a second of the script that everybody writes first: one thing after the other, a row an article."""
    hosts = -(-count // EACH)
    served = loopback.serving("folder", str(latency_s), str(hosts), str(root), str(EACH))
    with store.fresh() as (_, settings), served as port:
        places = loopback.addresses(hosts)
        feeds = [f"http://{place}:{port}/feed/{number}.xml" for number, place in enumerate(places)]
        connection = psycopg2.connect(settings.database_url)
        cursor = connection.cursor()
        cursor.execute("create table plain (url text primary key, title text, published text, body text)")
        started = time.perf_counter()
        for feed in feeds:
            for entry in feedparser.parse(requests.get(feed, timeout=30).content).entries:
                page = requests.get(entry.link, timeout=30).content
                document = trafilatura.bare_extraction(page, url=entry.link, with_metadata=True)
                if document:
                    row = (entry.link, document.title, document.date, document.text)
                    cursor.execute("insert into plain values (%s, %s, %s, %s)", row)
                    connection.commit()
        took_s = time.perf_counter() - started
        connection.close()
    return hosts * EACH / took_s


def newsplease_rate(root: Path, count: int) -> float | None:
    """Pages a second of news-please's own `from_urls`, or None where it is not installed."""
    if not (python := os.environ.get(NEWSPLEASE)):
        return None
    hosts = -(-count // EACH)
    with loopback.serving("folder", "0", str(hosts), str(root), str(EACH)) as port:
        places = loopback.addresses(hosts)
        urls = [f"http://{places[number // EACH]}:{port}/{number}.html" for number in range(hosts * EACH)]
        told = subprocess.run([python, "-c", NEWSPLEASE_RUN, *urls], stdout=subprocess.PIPE, text=True, check=True)
    return float(told.stdout.split()[-1])


# The pages' pictures lie on hosts that are not there: it is told so at once, instead of after the resolver's patience.
NEWSPLEASE_RUN = """
import socket, sys, time
from newsplease import NewsPlease
real = socket.getaddrinfo
def loopback_only(host, *rest, **named):
    if not str(host).startswith("127."):
        raise socket.gaierror(host)
    return real(host, *rest, **named)
socket.getaddrinfo = loopback_only
NewsPlease.from_urls(sys.argv[1:2])
started = time.perf_counter()
found = NewsPlease.from_urls(sys.argv[1:])
print(len(found) / (time.perf_counter() - started))
"""

if __name__ == "__main__":
    if sys.argv[1:2] == ["batches"]:
        do_batches(json.loads(sys.argv[2]))
    else:
        given = sys.argv[1:] + ["5000", str(corpus.ROOT)][len(sys.argv) - 1 :]
        main(int(given[0]), Path(given[1]))
