"""Queues at hosts that are down or want us to wait: they keep neither a worker nor a place from other hosts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

from mediawatch import stages
from mediawatch.settings import Settings
from mediawatch.store.database import Database
from waiting import announce

Answer = tuple[int, dict[str, str]]
PAGE = b"<!doctype html><title>A page</title><p>With a sentence."
BUDGET_S = 20.0
OK: Answer = (200, {"Content-Type": "text/html"})
WAIT: Answer = (429, {"Retry-After": "3600"})


@contextmanager
def answering(answer: Callable[[str, str], Answer]) -> Iterator[tuple[int, list[str]]]:
    """A server that answers (host, path) so; its port, and the URLs that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Host"] + self.path)
            status, headers = answer(self.headers["Host"], self.path)
            body = PAGE if status == 200 else b""
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

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


def at(port: int, *names: str) -> str:
    return ",".join(f"{name}=127.0.0.1:{port}" for name in names)


def fetch(db: Database, settings: Settings) -> tuple[dict[str, int], float]:
    """One batch's fetch: its counts, and how many seconds it took."""
    (batch_id,) = stages.claim.claim(db, settings, "test")
    began = time.monotonic()
    counts = stages.run("fetch", db, settings, batch_id, "test")
    return counts, time.monotonic() - began


def test_who_queues_at_a_host_leaves_when_it_asks_for_a_long_wait(db: Database, settings: Settings) -> None:
    with answering(lambda _, path: (404, {}) if path == "/robots.txt" else WAIT) as (port, asked):
        slow = replace(settings, hosts=at(port, "busy.example"), host_spacing_s=0.1, fetch_budget_s=BUDGET_S)
        announce(db, *(f"http://busy.example/{number}" for number in range(20)))
        counts, took_s = fetch(db, slow)
    assert took_s < BUDGET_S / 2
    assert counts["released"] == 20 - counts["rate_limited"]
    assert len(asked) <= 1 + slow.host_concurrency


def test_who_queues_at_a_host_that_is_down_takes_no_turn(db: Database, settings: Settings, closed_port: int) -> None:
    db.execute("insert into robots values ('http://dead.example', '', now(), now() + interval '1 day')")
    slow = replace(settings, hosts=at(closed_port, "dead.example"), host_spacing_s=1.0, fetch_budget_s=BUDGET_S)
    announce(db, *(f"http://dead.example/{number}" for number in range(15)))
    counts, took_s = fetch(db, slow)
    assert took_s < BUDGET_S / 2
    assert (counts["connection"], counts["released"]) == (3, 12)


def test_redirects_to_a_host_that_wants_a_long_wait_keep_no_place_from_others(db: Database, settings: Settings) -> None:
    def answer(host: str, path: str) -> Answer:
        if path == "/robots.txt":
            return 404, {}
        if host == "hub.example":
            return WAIT
        return (302, {"Location": "http://hub.example/page"}) if path == "/redirect" else OK

    names = [f"site{number}.example" for number in range(8)]
    with answering(answer) as (port, asked):
        few = replace(settings, hosts=at(port, "hub.example", *names), host_spacing_s=0.05, fetch_concurrency=2)
        few = replace(few, fetch_budget_s=BUDGET_S)
        announce(db, *(f"http://{name}/redirect" for name in names), *(f"http://{name}/page" for name in names))
        counts, took_s = fetch(db, few)
    assert (counts["ok"], counts["rate_limited"], counts["released"]) == (8, 8, 0)
    assert took_s < BUDGET_S / 2
    assert asked.count("hub.example/page") <= 2


def test_a_redirect_within_a_site_into_what_it_closes_is_not_followed(db: Database, settings: Settings) -> None:
    with answering(lambda _, path: (302, {"Location": "/closed"}) if path == "/page" else OK) as (port, asked):
        db.execute(
            "insert into robots values ('http://a.example', %(rules)s, now(), now() + interval '1 day')",
            {"rules": b"User-agent: *\nDisallow: /closed"},
        )
        announce(db, "http://a.example/page")
        counts, _ = fetch(db, replace(settings, hosts=at(port, "a.example")))
    assert (counts["robots"], asked) == (1, ["a.example/page"])


def test_no_more_robots_txt_are_asked_for_at_once_than_pages(db: Database, settings: Settings) -> None:
    open_now, most, lock = 0, 0, Lock()

    def answer(_: str, path: str) -> Answer:
        nonlocal open_now, most
        with lock:
            open_now += 1
            most = max(most, open_now)
        time.sleep(0.05)
        with lock:
            open_now -= 1
        return (404, {}) if path == "/robots.txt" else OK

    names = [f"site{number}.example" for number in range(30)]
    with answering(answer) as (port, _):
        few = replace(settings, hosts=at(port, *names), fetch_concurrency=5)
        announce(db, *(f"http://{name}/page" for name in names))
        counts, _ = fetch(db, few)
    assert counts["ok"] == 30
    assert most <= 5


def test_hosts_that_are_asked_with_a_pause_bring_all_they_have_and_leave_the_others_to_further_batches(
    db: Database, settings: Settings
) -> None:
    """With an entry of each host in the first batch, its pause would keep every other batch empty."""
    announce(db, *(f"http://host{number % 6}.example/{number}" for number in range(12)))
    taken = stages.claim.claim(db, replace(settings, host_spacing_s=1.0, batch_entries=4), "test")
    hosts = "select count(distinct host) as hosts, count(*) as entries from entry where batch_id = any(%(ids)s) group by batch_id"
    assert [tuple(row) for row in db.execute(hosts, {"ids": taken})] == [(2, 4), (2, 4), (2, 4)]
