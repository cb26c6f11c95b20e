"""How long each page of the desk takes on a large database: `python bench/desk.py URL [ROUNDS]`; a table.

URL is a libpq URL of a database such as bench/million.py makes. Each page is asked for through the ASGI app, with other
parameters each time, as a browser's request without the network: connection, queries, charts and template. CPU is what
this process and the database's used for a request (Linux): on a busy machine it says more than the clock.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from machine import describe
from mediawatch.desk.app import create_app
from mediawatch.desk.rights import User
from mediawatch.store.database import Database

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

ROUNDS = 20
LIMIT_S = 1.0
TICKS = os.sysconf("SC_CLK_TCK")
WORDS = (
    "china",
    "sanctions fentanyl",
    '"united nations"',
    "election -sport",
    "bank or court",
    "ministry",
    "trade NEAR/5 war",
)


class Samples:
    """Ids and addresses of a database, drawn at random but the same in each run."""

    def __init__(self, db: Database) -> None:
        self.random = random.Random(7)
        self.feeds = self._column(db, "select feed_id from feed order by md5(feed_id::text) limit 200")
        self.busy_feeds = self._column(
            db,
            "select feed_id from entry_announcement tablesample system (1) group by 1 order by count(*) desc limit 20",
        )
        self.articles = self._column(
            db, "select article_id from article tablesample system (1) where loaded_at is not null limit 500"
        )
        self.urls = self._column(db, "select url from entry tablesample system (1) where url is not null limit 500")
        self.stories = self._column(
            db, "select story_id from story tablesample system (1) where articles > 0 limit 500"
        )
        self.big_stories = self._column(db, "select story_id from story order by articles desc limit 20")
        self.events = self._column(db, "select event_id from event tablesample system (5) where stories > 1 limit 200")
        self.big_events = self._column(db, "select event_id from event order by stories desc limit 20")
        self.batches = self._column(db, "select batch_id from batch order by md5(batch_id::text) limit 100")
        self.topics = self._column(db, "select topic_id from topic order by 1")
        self.reasons = self._column(db, "select distinct reason from entry where reason is not null")
        self.sources = self._column(db, "select name from source order by md5(name) limit 50")

    def one(self, of: list[Any]) -> str:
        """One of them, quoted for an address; 0 where there is none."""
        return quote(str(self.random.choice(of)), safe="") if of else "0"

    @staticmethod
    def _column(db: Database, query: str) -> list[Any]:
        return [row[0] for row in db.execute(query)]


def pages(it: Samples) -> dict[str, Callable[[], str]]:
    """name → the next address of this page."""
    word = lambda: quote(it.random.choice(WORDS))  # noqa: E731
    return {
        "overview, 48 hours": lambda: "",
        "overview, 14 days": lambda: "?span=14d",
        "feeds": lambda: "feeds",
        "feeds, failing": lambda: "feeds?show=failing",
        "feeds, by words": lambda: f"feeds?q={it.one(it.sources)}",
        "feed": lambda: f"feeds/{it.one(it.feeds)}",
        "feed, the busiest": lambda: f"feeds/{it.one(it.busy_feeds)}",
        "article": lambda: f"articles/{it.one(it.articles)}",
        "URL": lambda: f"url?url={it.one(it.urls)}",
        "batches": lambda: "batches",
        "batch": lambda: f"batches/{it.one(it.batches)}",
        "outcomes": lambda: f"outcomes?days={it.random.choice((1, 7, 30, 90))}",
        "outcomes of a reason": lambda: f"outcomes?reason={it.one(it.reasons)}",
        "outcomes of a source": lambda: f"outcomes?source={it.one(it.sources)}",
        "outcomes that wait": lambda: "outcomes?reason=pending",
        "story": lambda: f"stories/{it.one(it.stories)}",
        "story, the widest": lambda: f"stories/{it.one(it.big_stories)}",
        "event": lambda: f"events/{it.one(it.events)}",
        "event, the largest": lambda: f"events/{it.one(it.big_events)}",
        "topics": lambda: "topics",
        "topic": lambda: f"topics/{it.one(it.topics)}",
        "topic, a year by outlets": lambda: f"topics/{it.one(it.topics)}?days=365&by=outlets",
        "topic as a feed": lambda: f"topics/{it.one(it.topics)}/atom",
        "draft": lambda: f"topics/{it.one(it.topics)}/draft",
        "search": lambda: f"search?q={word()}",
        "search, the best": lambda: f"search?q={word()}&sort=best",
        "search at a source": lambda: f"search?q={word()}&source={it.one(it.sources)}",
        "search in a topic": lambda: f"search?q={word()}&topic={it.one(it.topics)}",
        "search in days": lambda: f"search?q={word()}&since=2026-11-01&until=2026-11-14",
    }


class Watched(Database):
    """A connection that tells, when it ends, how long the server's process has computed for it."""

    spent_s = 0.0

    def close(self) -> None:
        """End the connection."""
        (backend,) = self.execute("select pg_backend_pid() as pid")
        stat = Path(f"/proc/{backend.pid}/stat")
        if stat.exists():
            Watched.spent_s += sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13])) / TICKS
        super().close()


def client(url: str) -> TestClient:
    """A reader of the app; a connection for each request, as in Airflow's api-server."""
    user = User("bench", may_write=True)
    app = create_app(lambda: Watched(url), reading=lambda: None, writing=lambda: None, who=lambda: user)
    return TestClient(app, base_url="http://airflow.example", root_path="/mediawatch")


def measure(reader: TestClient, address: Callable[[], str], rounds: int) -> tuple[list[float], float, int]:
    """Seconds of each request, CPU seconds of one on average, and bytes of the last answer."""
    times, size, began_cpu = [], 0, time.process_time() + Watched.spent_s
    for _ in range(rounds):
        path = f"/mediawatch/{address()}"
        began = time.perf_counter()
        answer = reader.get(path)
        times.append(time.perf_counter() - began)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-500:])
        size = len(answer.content)
    return times, (time.process_time() + Watched.spent_s - began_cpu) / rounds, size


def main() -> None:
    """Print the table; exit 1 when a page's p95 is over a second."""
    url = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    only = os.environ.get("ONLY", "")
    with Database(url) as db:
        (size,) = db.execute("select count(*) as articles from article where loaded_at is not null")
        samples = Samples(db)
    print(f"{describe()}; {size.articles:,} articles; {rounds} requests a page\n")
    print("| page | p50 | p95 | CPU | kB |\n|---|---|---|---|---|")
    slow = []
    with client(url) as reader:
        for name, address in pages(samples).items():
            if only not in name:
                continue
            times, cpu_s, size_bytes = measure(reader, address, rounds)
            p95 = statistics.quantiles(times, n=20, method="inclusive")[18]
            print(
                f"| {name} | {statistics.median(times):.2f} s | {p95:.2f} s | {cpu_s:.2f} s "
                f"| {size_bytes / 1000:.0f} |",
                flush=True,
            )
            slow += [name] * (p95 > LIMIT_S)
    if slow:
        sys.exit(f"over {LIMIT_S} s: {', '.join(slow)}")


if __name__ == "__main__":
    main()
