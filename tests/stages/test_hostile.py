"""Servers that mean harm, through the real stages: each has its outcome, and none holds up a good page."""

from __future__ import annotations

import gzip
import io
import socket
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

from mediawatch import stages
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from small_site import rss
from waiting import announce

Act = Callable[[socket.socket], None]
MB = 1_000_000
TLS_HELLO = b"\x16"
PAGE = b"<!doctype html><title>Good</title><p>A page.</p>"


def head(*lines: str, kind: str = "text/html") -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {kind}", "Connection: close", *lines, "", ""]).encode()


def whole(body: bytes, *lines: str) -> Act:
    return lambda client: client.sendall(head(f"Content-Length: {len(body)}", *lines) + body)


def chunked(body: bytes) -> bytes:
    return b"".join(
        b"%x\r\n%b\r\n" % (len(part), part) for part in (body[at : at + 999] for at in range(0, len(body), 999))
    )


def drip(client: socket.socket) -> None:
    client.sendall(head("Content-Length: 100000"))
    while True:
        client.sendall(b"<")
        time.sleep(0.05)


def endless(client: socket.socket) -> None:
    client.sendall(head("Transfer-Encoding: chunked"))
    while True:
        client.sendall(chunked(b"<p>more</p>" * 1_000))


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("page.html", b"0" * MB)
    return file.getvalue()


def reset(client: socket.socket) -> None:
    client.sendall(head("Content-Length: 100000") + PAGE)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def loop(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def silent(client: socket.socket) -> None:
    time.sleep(20)


PAGES: dict[str, tuple[Act, str]] = {
    "good": (whole(PAGE), "ok"),
    "nul": (whole(PAGE + b"\0" * 1_000), "ok"),
    "drip": (drip, "timeout"),
    "silent": (silent, "timeout"),
    "endless": (endless, "too_large"),
    "line": (whole(b"x" * (5 * MB)), "too_large"),
    "bomb": (whole(gzip.compress(b"0" * (50 * MB)), "Content-Encoding: gzip"), "too_large"),
    "zip": (
        lambda client: client.sendall(head("Transfer-Encoding: chunked") + chunked(zipped()) + b"0\r\n\r\n"),
        "unsupported_type",
    ),
    "headers": (lambda client: client.sendall(head(*(f"X-{n}: {'y' * 1_000}" for n in range(2_000)))), "bad_response"),
    "longline": (lambda client: client.sendall(head("X-Long: " + "y" * MB)), "bad_response"),
    "length": (lambda client: client.sendall(head("Content-Length: 100000") + PAGE), "connection"),
    "lies": (whole(PAGE, "Content-Encoding: gzip"), "bad_response"),
    "reset": (reset, "connection"),
    "mute": (lambda client: None, "connection"),
    "noise": (lambda client: client.sendall(b"\x16\x03\x01" * 999), "bad_response"),
    "loop": (loop, "redirects"),
}


@contextmanager
def serving(acts: dict[str, Act]) -> Iterator[str]:
    """A server whose hosts behave so; the hosts setting for them. Their robots.txt is not there."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            asked = b""
            while b"\r\n\r\n" not in asked and (more := self.request.recv(65_536)):
                asked += more
                if asked.startswith(TLS_HELLO):
                    self.request.sendall(b"HTTP/1.1 400 X\r\nContent-Length: 0\r\n\r\n")
                    return
            host = asked.partition(b"Host: ")[2].partition(b".")[0].decode()
            try:
                if asked.startswith(b"GET /robots.txt"):
                    self.request.sendall(b"HTTP/1.1 404 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                elif host in acts:
                    acts[host](self.request)
            except OSError:  # the client has had enough
                return

    class Server(ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 100

    server = Server(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield ",".join(f"{host}.example=127.0.0.1:{server.server_address[1]}" for host in [*acts, "tls"])
    finally:
        server.shutdown()
        thread.join()
        server.socket.close()


def test_every_hostile_page_has_its_outcome_and_holds_up_no_good_one(db: Database, settings: Settings) -> None:
    with serving({host: act for host, (act, _) in PAGES.items()}) as hosts:
        there = replace(
            settings, hosts=hosts, total_timeout_s=2, max_page_bytes=2 * MB, fetch_budget_s=30, fetch_attempts=1
        )
        urls = {f"http://{host}.example/": reason for host, (_, reason) in PAGES.items()}
        urls |= {
            "https://tls.example/": "tls",
            f"http://{'a' * 64}.example/": "dns",
            "http://169.254.169.254/": "blocked_address",
        }
        announce(db, *urls)
        (batch_id,) = stages.claim.claim(db, there, "test")
        counts = stages.run("fetch", db, there, batch_id, "test")
    assert counts["entries"] == len(urls)
    found = db.execute(
        "select e.url, coalesce(o.reason, o.status) as reason from outcome o join entry e using (entry_id)"
    )
    assert {row.url: row.reason for row in found} == urls
    assert list(Path(there.archive_root).rglob("*.part")) == []


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">%b]>
<rss version="2.0"><channel><title>&z;</title><item><link>http://pub.example/1</link></item></channel></rss>""" % b"".join(
    b'<!ENTITY %c "%b">' % (at, b"&%c;" % (at - 1) * 10) for at in range(ord("c"), ord("z") + 1)
)

FEEDS: dict[str, tuple[Act, str, int]] = {
    "good": (whole(rss("1", "2")), "new", 2),
    "many": (whole(rss(*(f"story-{number}" for number in range(10_000)))), "new", 10_000),
    "laughs": (whole(LAUGHS), "new", 1),
    "nul": (whole(rss("a", "b").replace(b"<title>a", b"<title>\0a\0")), "new", 2),
    "line": (whole(b"<rss>" + b"x" * (50 * MB)), "failed", 0),
    "endless": (endless, "failed", 0),
    "bomb": (whole(gzip.compress(b"<rss>" + b"0" * (50 * MB)), "Content-Encoding: gzip"), "failed", 0),
    "page": (whole(PAGE), "not_a_feed", 0),
    "noise": (whole(bytes(range(256)) * 99), "not_a_feed", 0),
    "empty": (whole(b""), "not_a_feed", 0),
    "drip": (drip, "failed", 0),
}


def test_every_hostile_feed_has_its_result_and_holds_up_no_good_one(db: Database, settings: Settings) -> None:
    with serving({host: act for host, (act, *_) in FEEDS.items()}) as hosts:
        there = replace(settings, hosts=hosts, total_timeout_s=3)
        subscribe(db, [Subscription(url=f"http://{host}.example/") for host in FEEDS])
        (shard,) = stages.poll.claim_feeds(db, there, "test")
        stages.poll.poll(db, there, shard)
    found = {
        row.host.partition(".")[0]: (row.result, row.entries)
        for row in db.execute("select host, result, entries from feed_poll join feed using (feed_id)")
    }
    assert found == {host: (result, entries) for host, (_, result, entries) in FEEDS.items()}
    assert db.execute("select count(*) from feed where lease_owner is not null")[0][0] == 0


def test_what_postgres_cannot_hold_is_left_out_of_a_title(db: Database, settings: Settings) -> None:
    host = "nul"
    with serving({host: FEEDS[host][0]}) as hosts:
        there = replace(settings, hosts=hosts)
        subscribe(db, [Subscription(url=f"http://{host}.example/")])
        (shard,) = stages.poll.claim_feeds(db, there, "test")
        stages.poll.poll(db, there, shard)
    assert sorted(row.title for row in db.execute("select title from entry")) == ["a", "b"]
