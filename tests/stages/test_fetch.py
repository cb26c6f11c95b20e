"""Manners of the fetch stage: spacing among workers, hosts that are down, addresses of any length."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from socket import socket
from threading import Thread

import pytest
from mediawatch import stages
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from small_site import HOME, rss, serving

SPACING_S = 0.4
Asked = list[tuple[str, float]]


@contextmanager
def redirecting(target: str) -> Iterator[tuple[int, Asked]]:
    """A server whose pages, but for the target host's, lead there; its port, and each (host, moment) it was asked."""
    asked: Asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers["Host"]
            asked.append((host, time.monotonic()))
            robots = self.path == "/robots.txt"
            self.send_response(404 if robots else 200 if host == target else 302)
            self.send_header("Location", f"http://{target}{self.path}")
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def announce(db: Database, *urls: str) -> None:
    """Entries with these URLs, ready to be fetched."""
    source, now = db.value("feeds.add_source", name="test", homepage=None, tags=[]), db.now()
    rows = [
        (
            sha256(u.encode()).digest(),
            source,
            u,
            u.split("/")[2],
            "",
            "",
            None,
            None,
            now,
            "fetch",
            "pending",
            None,
            now,
            None,
        )
        for u in urls
    ]
    db.many("entries.announce", rows)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses connections: bound, and never listened on."""
    with closing(socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


def test_two_workers_keep_the_spacing_of_a_host_that_both_are_led_to(db: Database, settings: Settings) -> None:
    with redirecting("hub.example") as (port, asked):
        names = [f"site{number}.example" for number in range(6)]
        hosts = ",".join(f"{name}=127.0.0.1:{port}" for name in [*names, "hub.example"])
        spaced = replace(settings, hosts=hosts, host_spacing_s=SPACING_S, batch_entries=3)
        announce(db, *(f"http://{name}/story" for name in names))
        batches = stages.claim.claim(db, spaced, "test")
        assert len(batches) == 2
        workers = [start(spaced, batch_id) for batch_id in batches]
        assert [worker.wait(30) for worker in workers] == [0, 0]
    moments = sorted(at for host, at in asked if host == "hub.example")
    assert len(moments) == 6
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert min(gaps) > SPACING_S / 3, gaps  # a third: what the network and a busy machine may shift


def start(settings: Settings, batch_id: int) -> subprocess.Popen[bytes]:
    """A worker process on a batch's fetch."""
    order = {"database_url": settings.database_url, "settings": asdict(settings), "stage": "fetch"}
    order |= {"batch_id": batch_id, "owner": "test"}
    script = Path(__file__).with_name("worker.py")
    return subprocess.Popen([sys.executable, str(script), json.dumps(order)], stdout=subprocess.DEVNULL)


def test_turns_are_handed_out_one_spacing_apart(db: Database) -> None:
    waits = [db.value("hosts.reserve", host="a.example", spacing_s=10.0) for _ in range(3)]
    assert waits == pytest.approx([0, 10, 20], abs=2)
    assert db.value("hosts.reserve", host="b.example", spacing_s=10.0) == pytest.approx(0, abs=2)


def test_a_host_that_is_down_is_given_up_and_held_for_longer_each_time(
    db: Database, settings: Settings, closed_port: int
) -> None:
    with redirecting("alive.example") as (port, _):
        down = replace(
            settings, hosts=f"dead.example=127.0.0.1:{closed_port},alive.example=127.0.0.1:{port}", retry_base_s=100
        )
        announce(db, "http://alive.example/story", *(f"http://dead.example/{number}" for number in range(20)))
        (batch_id,) = stages.claim.claim(db, down, "test")
        counts = stages.run("fetch", db, down, batch_id, "test")
        assert counts == {"entries": 4, "ok": 1, "connection": 3, "released": 17}
        assert stages.claim.claim(db, down, "another run") == []
        assert held_s(db) == pytest.approx(100, abs=20)
        db.execute("update host set hold_until = null")
        for batch_id in stages.claim.claim(db, down, "a later run"):
            stages.run("fetch", db, down, batch_id, "a later run")
        assert held_s(db) == pytest.approx(200, abs=20)
        up = replace(down, hosts=down.hosts.replace(str(closed_port), str(port)))
        db.execute("update host set hold_until = null")
        for batch_id in stages.claim.claim(db, up, "a last run"):
            stages.run("fetch", db, up, batch_id, "a last run")
    assert db.execute("select failures from host where host = 'dead.example'")[0].failures == 0


def held_s(db: Database) -> float:
    """For how many seconds the dead host is left alone."""
    query = "select extract(epoch from hold_until - now())::float8 as held_s from host where host = 'dead.example'"
    return float(db.execute(query)[0].held_s)


def test_an_address_of_eight_kilobytes_is_kept_whole_from_the_feed_to_the_page(
    db: Database, settings: Settings
) -> None:
    with serving() as site:
        path = "/story?" + "&".join(f"part{number}=value{number}" for number in range(500))
        path = path[:8_150]
        site.pages["/feed"] = rss(path[1:].replace("&", "&amp;"))
        site.pages[path] = b"<!doctype html><title>Long</title>"
        there = replace(settings, hosts=site.hosts)
        subscribe(db, [Subscription(url=f"{HOME}/feed")])
        for shard in stages.poll.claim_feeds(db, there, "test"):
            stages.poll.poll(db, there, shard)
        (batch_id,) = stages.claim.claim(db, there, "test")
        assert stages.run("fetch", db, there, batch_id, "test")["ok"] == 1
    (row,) = db.execute("select e.url, p.url as page_url from entry e join page p using (entry_id)")
    assert (row.url, row.page_url) == (HOME + path, HOME + path)
