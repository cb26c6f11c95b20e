"""Polling feeds that have not changed, beside feedparser over the same bodies."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from hashlib import sha256

import feedparser
import loopback
import machine
import store
from mediawatch.settings import Settings
from mediawatch.stages import poll
from mediawatch.store.database import Database

SAMPLE = 100
"""Bodies that feedparser reads; its rate is taken from them."""


def main(count: int) -> None:
    """Print the table for `count` feeds."""
    parsed = parse_rate()
    rows = [("feedparser.parse", f"{SAMPLE} bodies", f"{parsed:,.0f}", "1", "")]
    with store.fresh() as (db, settings):
        for kind, word, target in (("honest", "304", 20), ("careless", "body hash", 8)):
            rate = poll_rate(db, settings, kind, count)
            times = f"{rate / parsed:.1f}"
            rows.append((f"`stages.poll`, {word}", f"{count:,} feeds", f"{rate:,.0f}", times, f"≥ {target}"))
    machine.print_table(
        "Polling unchanged feeds",
        ("what", "of", "feeds/s", "× feedparser", "target"),
        rows,
        f"Feeds of {loopback.FEED_BYTES // 1000} kB, gzip on the wire, a host each; one process, Postgres included.",
    )


def parse_rate() -> float:
    """Bodies a second that feedparser reads in one process."""
    bodies = [loopback.feed_body(number) for number in range(SAMPLE)]
    started = time.perf_counter()
    for body in bodies:
        if not feedparser.parse(body).entries:
            raise SystemExit("feedparser found nothing to read: the comparison would be void")
    return SAMPLE / (time.perf_counter() - started)


def poll_rate(db: Database, settings: Settings, kind: str, count: int) -> float:
    """Feeds a second through the stage, as it finds them on every poll after the first."""
    with loopback.serving("feeds", kind) as port:
        names = [f"{kind}{number}.example" for number in range(count)]
        settings = replace(settings, hosts=",".join(f"{name}=127.0.0.1:{port}" for name in names))
        subscribed(db, names)
        started = time.perf_counter()
        counts = [poll.poll(db, settings, shard) for shard in poll.claim_feeds(db, settings, kind)]
        took_s = time.perf_counter() - started
    # Both: a small share of the feeds is asked for whole, whatever the server says.
    unchanged = sum(c.get("not_modified", 0) + c.get("same_body", 0) for c in counts)
    if unchanged != count:
        raise SystemExit(f"only {unchanged} of {count} feeds were unchanged: {counts}")
    return count / took_s


def subscribed(db: Database, names: list[str]) -> None:
    """The feeds of these hosts, as a first poll leaves them."""
    bodies = [loopback.feed_body(number % loopback.DIFFERENT_FEEDS) for number in range(len(names))]
    source = db.value("feeds.add_source", name=names[0], homepage=None, tags=[])
    for number, (name, body) in enumerate(zip(names, bodies, strict=True)):
        url = f"http://{name}/{number}"
        db.value("feeds.add", source_id=source, url=url, url_key=sha256(url.encode()).digest(), title="")
        known = {"etag": loopback.etag(body), "digest": sha256(body).digest(), "url": url}
        db.execute("update feed set etag = %(etag)s, body_sha256 = %(digest)s where url = %(url)s", known)
    db.execute("analyze")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 2_000)
