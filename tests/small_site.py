"""A web server on loopback with the pages that a test gives it, reached by an invented name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

NAME = "small.example"
HOME = f"http://{NAME}"


@dataclass
class SmallSite:
    """`pages` by path: a body, a status, or ("to", URL) for a redirect; any other path is 404.

    Bodies have an honest ETag, unless `etags` has one for their path; `headers` go with every answer.
    """

    hosts: str = ""
    pages: dict[str, bytes | int | tuple[str, str]] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[SmallSite]:
    """The site while the block runs; `hosts` is for the setting of that name."""
    site = SmallSite()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.authorizations.append(self.headers.get("Authorization"))
            page = site.pages.get(self.path)
            if isinstance(page, tuple):
                return self._answer(301, {"Location": page[1]})
            if page is None or isinstance(page, int):
                return self._answer(page or 404, {})
            etag = site.etags.get(self.path) or f'"{md5(page).hexdigest()}"'
            if self.headers.get("If-None-Match") == etag:
                return self._answer(304, {"ETag": etag})
            return self._answer(200, {"ETag": etag, "Content-Type": "text/html"}, page)

        def _answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
            self.send_response(status)
            for name, value in {**site.headers, **headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.hosts = f"{NAME}=127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def rss(*names: str, minutes: int = 0) -> bytes:
    """An RSS feed whose items have these names and one date."""
    items = "".join(
        f"<item><link>{HOME}/{name}</link><title>{name}</title><pubDate>30 Jan 2024 09:15 +0800</pubDate></item>"
        for name in names
    )
    ttl = f"<ttl>{minutes}</ttl>" if minutes else ""
    return f'<rss version="2.0"><channel><title>Small</title>{ttl}{items}</channel></rss>'.encode()
