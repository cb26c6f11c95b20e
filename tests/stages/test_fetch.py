"""Manners of the fetch stage: spacing among workers, hosts that are down, addresses of any length."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
from mediawatch import stages
from mediawatch.errors import OfflineError, ProxyError
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from small_site import HOME, NAME, rss, serving
from waiting import announce

SPACING_S = 0.4
PAGE = b"<!doctype html><title>A page</title><p>With a sentence."
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
    assert len(moments) == 6 + 2  # each worker asks its robots.txt
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


def fetch_all(db: Database, settings: Settings, owner: str) -> dict[str, int]:
    """Fetch what can be claimed, as one batch; what became of it."""
    (batch_id,) = stages.claim.claim(db, settings, owner)
    return stages.run("fetch", db, settings, batch_id, owner)


def test_robots_txt_is_asked_once_for_many_batches(db: Database, settings: Settings) -> None:
    with serving() as site:
        site.pages |= {"/robots.txt": b"User-agent: *\nDisallow: /closed", "/1": PAGE, "/2": PAGE}
        there = replace(settings, hosts=site.hosts)
        announce(db, f"{HOME}/1")
        assert fetch_all(db, there, "one")["ok"] == 1
        announce(db, f"{HOME}/2", f"{HOME}/closed/3")
        assert fetch_all(db, there, "other") == {"entries": 2, "ok": 1, "robots": 1, "released": 0}
        assert site.asked == ["/robots.txt", "/1", "/2"]


def test_pages_of_a_site_whose_robots_txt_is_broken_wait_and_lose_no_attempt(db: Database, settings: Settings) -> None:
    with serving() as site:
        site.pages |= {"/robots.txt": 503, "/1": PAGE, "/2": PAGE}
        there = replace(settings, hosts=site.hosts)
        announce(db, f"{HOME}/1", f"{HOME}/2")
        assert fetch_all(db, there, "one") == {"entries": 0, "ok": 0, "released": 2}
        assert stages.claim.claim(db, there, "too early") == []
        (held,) = db.execute("select why, hold_until > now() + interval '5 minutes' as long from host")
        assert (held.why, held.long) == ("robots.txt: server_error: HTTP 503", True)
        assert [row.attempts for row in db.execute("select attempts from entry")] == [0, 0]
        site.pages["/robots.txt"] = b""
        db.execute("update host set hold_until = now()")
        db.execute("update robots set expires_at = now()")
        assert fetch_all(db, there, "later") == {"entries": 2, "ok": 2, "released": 0}
        assert site.asked[:2] == ["/robots.txt", "/robots.txt"]
        assert sorted(site.asked[2:]) == ["/1", "/2"]


def test_a_redirect_into_what_another_site_closes_is_not_followed(db: Database, settings: Settings) -> None:
    with serving() as site, serving() as other:
        other_hosts = other.hosts.replace(NAME, "other.example")
        site.pages |= {"/1": ("to", "http://other.example/closed/1"), "/2": ("to", "http://other.example/open/2")}
        other.pages |= {"/robots.txt": b"User-agent: *\nDisallow: /closed", "/closed/1": PAGE, "/open/2": PAGE}
        announce(db, f"{HOME}/1", f"{HOME}/2")
        there = replace(settings, hosts=f"{site.hosts},{other_hosts}")
        assert fetch_all(db, there, "test") == {"entries": 2, "ok": 1, "robots": 1, "released": 0}
        assert sorted(other.asked) == ["/open/2", "/robots.txt"]
    (detail,) = [row.detail for row in db.execute("select detail from outcome where reason = 'robots'")]
    assert detail == "of other.example, where it was redirected to"


def test_a_proxy_that_is_down_stops_the_batch_and_costs_no_entry_an_attempt(
    db: Database, settings: Settings, closed_port: int
) -> None:
    announce(db, "http://pub.example/1", "http://pub.example/2")
    there = replace(settings, hosts="", proxy=f"http://127.0.0.1:{closed_port}")
    (batch_id,) = stages.claim.claim(db, there, "test")
    with pytest.raises(ProxyError, match="cannot be reached"):
        stages.run("fetch", db, there, batch_id, "test")
    rows = db.execute("select attempts, breaks, status from entry")
    assert [tuple(row) for row in rows] == [(0, 0, "pending")] * 2
    assert list(Path(there.archive_root).rglob("*.warc.gz*")) == []


def test_entries_of_a_host_that_stays_dead_end_and_say_why(db: Database, settings: Settings, closed_port: int) -> None:
    down = replace(settings, hosts=f"dead.example=127.0.0.1:{closed_port}", retry_base_s=100, fetch_attempts=2)
    announce(db, *(f"http://dead.example/{number}" for number in range(60)))
    rounds = 0
    while batches := stages.claim.claim(db, down, f"run {rounds}"):
        for batch_id in batches:
            stages.run("fetch", db, down, batch_id, f"run {rounds}")
        db.execute("update host set hold_until = null")
        db.execute("update entry set ready_at = now()")
        rounds += 1
    assert rounds == 10
    ends = db.execute("select reason, count(*) from entry where status = 'failed' group by 1")
    assert [tuple(row) for row in ends] == [("connection", 60)]
    told = db.execute("select detail from outcome where detail like 'its host was given up 10 times in a row%'")
    assert len(told) > 30


def test_an_outage_of_our_own_costs_no_entry_an_attempt(db: Database, settings: Settings, closed_port: int) -> None:
    names = [f"pub{number}.example" for number in range(12)]
    offline = replace(settings, hosts=",".join(f"{name}=127.0.0.1:{closed_port}" for name in names))
    announce(db, *(f"http://{name}/1" for name in names))
    (batch_id,) = stages.claim.claim(db, offline, "test")
    with pytest.raises(OfflineError):
        stages.run("fetch", db, offline, batch_id, "test")
    assert db.execute("select max(attempts) from entry")[0][0] == 0
