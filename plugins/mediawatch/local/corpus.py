"""The sample corpus as a web on loopback: the Host header picks a publisher, routes.yaml says what differs."""

from __future__ import annotations

import argparse
import hashlib
import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from mediawatch.settings import PROJECT

ADDRESS = "127.0.0.1"
ROOT = PROJECT / "sample_corpus"
CONTENT_TYPES = {
    ".html": "text/html",
    ".xml": "application/xml",
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".json": "application/feed+json",
    ".txt": "text/plain",
}


@dataclass(frozen=True)
class Later:
    """What a path answers from its `after`-th request on: another file of `site/`, or another status."""

    after: int
    status: int = 200
    file: str | None = None


@dataclass(frozen=True)
class Route:
    """What routes.yaml says of a path: all that differs from serving the file of that name."""

    status: int = 200
    location: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    file: str | None = None
    fail_first: int = 0
    later: tuple[Later, ...] = ()

    @classmethod
    def read(cls, values: Mapping[str, Any] | None) -> Route:
        """A route from its entry in routes.yaml; a key that is not known raises TypeError."""
        given = dict(values or {})
        return cls(**given | {"later": tuple(Later(**each) for each in given.get("later", ()))})

    def at(self, seen: int) -> Route:
        """The route as it is after so many requests."""
        passed = [each for each in self.later if seen >= each.after]
        return replace(self, status=passed[-1].status, file=passed[-1].file or self.file) if passed else self


@dataclass(frozen=True)
class Answer:
    """What goes back over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Publisher:
    """One folder of the corpus: files under `site`, and the routes by path or path?query."""

    site: Path
    routes: Mapping[str, Route]

    @classmethod
    def load(cls, folder: Path) -> Publisher:
        """A publisher from its folder; a key of routes.yaml that is not known raises TypeError."""
        file = folder / "routes.yaml"
        routes = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None
        return cls(folder / "site", {path: Route.read(route) for path, route in (routes or {}).items()})

    def route(self, target: str) -> Route:
        """The route of a request target; one with the query wins over one of the bare path."""
        bare = target.partition("?")[0]
        return self.routes.get(target) or self.routes.get(bare) or Route()

    def answer(self, target: str, seen: int, if_none_match: str | None) -> Answer:
        """The answer to a request target that was asked for `seen` times before."""
        route = self.route(target).at(seen)
        if seen < route.fail_first:
            return _plain(500)
        if route.location is not None:
            return Answer(route.status, {"Location": route.location, **route.headers}, b"")
        file = self._file(route.file or target.partition("?")[0])
        if file is None:
            return _plain(route.status if route.status != 200 else 404)
        return _serve(file, route, if_none_match)

    def _file(self, path: str) -> Path | None:
        file = (self.site / unquote(path).lstrip("/")).resolve()
        if path.endswith("/") or file.is_dir():
            file = file / "index.html"
        return file if file.is_file() and file.is_relative_to(self.site.resolve()) else None


def _serve(file: Path, route: Route, if_none_match: str | None) -> Answer:
    body = file.read_bytes()
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    kind = CONTENT_TYPES.get(file.suffix, "application/octet-stream")
    headers = {"Content-Type": kind, "ETag": etag, **route.headers}
    if route.status == 200 and if_none_match and etag in if_none_match:
        return Answer(304, {"ETag": etag}, b"")
    return Answer(route.status, headers, body)


def _plain(status: int) -> Answer:
    return Answer(status, {"Content-Type": "text/plain"}, f"{status}\n".encode())


class Corpus:
    """The corpus's web server. As a context manager it serves from a thread; `requests` counts (host, target) pairs.

    The counts live as long as the object: `fail_first` heals only once.
    """

    def __init__(self, root: Path, port: int = 0) -> None:
        self.root = root
        self.requests: Counter[tuple[str, str]] = Counter()
        self._publishers = {name: Publisher.load(root / name) for name in publishers(root)}
        self._lock = threading.Lock()
        self._server = _Server((ADDRESS, port), _handler(self))

    @property
    def port(self) -> int:
        """The port that was bound."""
        return self._server.server_port

    @property
    def hosts(self) -> str:
        """The value of MEDIAWATCH_HOSTS that leads to this server."""
        return hosts(self.root, self.port)

    def answer(self, host: str, target: str, if_none_match: str | None = None) -> Answer:
        """Count a request and answer it."""
        with self._lock:
            seen = self.requests[host, target]
            self.requests[host, target] += 1
        publisher = self._publishers.get(host)
        return publisher.answer(target, seen, if_none_match) if publisher else _plain(404)

    def serve(self) -> None:
        """Serve until the process ends."""
        self._server.serve_forever()

    def __enter__(self) -> Corpus:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may hang up in the middle of an answer, as one with a size limit does."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handler(corpus: Corpus) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave in one packet: no 40 ms wait for a delayed acknowledgement

        def do_GET(self) -> None:
            """Answer from the corpus."""
            host = self.headers.get("Host", "").partition(":")[0].lower()
            answer = corpus.answer(host, self.path, self.headers.get("If-None-Match"))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 304:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the poll log and the outcomes are the record."""

    return Handler


def publishers(root: Path) -> list[str]:
    """Host names of the corpus: its folders that hold a site."""
    return sorted(folder.parent.name for folder in root.glob("*/site"))


def hosts(root: Path, port: int) -> str:
    """The value of MEDIAWATCH_HOSTS that leads every publisher of the corpus to a port of this machine."""
    return ",".join(f"{name}={ADDRESS}:{port}" for name in publishers(root))


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the corpus in the foreground; the port that was bound is written to --port-file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of the corpus")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--port-file", type=Path, help="where to write the port")
    options = parser.parse_args(arguments)
    corpus = Corpus(options.root, options.port)
    if options.port_file:
        part = options.port_file.with_suffix(".part")
        part.write_text(str(corpus.port))
        part.replace(options.port_file)  # whoever waits for the file never sees half of it
    corpus.serve()


if __name__ == "__main__":
    main()
