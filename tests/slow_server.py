"""A way to the Postgres of the tests that is slow, or stands still for a while."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from threading import Event, Thread

import psycopg2
from psycopg2.extensions import make_dsn


@contextmanager
def slow(url: str, delay_s: float) -> Iterator[tuple[str, Event]]:
    """A URL that leads to the same database, every message to it late by `delay_s`; nothing moves while the event is off."""
    open_ = Event()
    open_.set()
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        Thread(target=_accept, args=(listener, url, delay_s, open_), daemon=True).start()
        yield make_dsn(url, host="127.0.0.1", port=listener.getsockname()[1]), open_


def _accept(listener: socket.socket, url: str, delay_s: float, open_: Event) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            Thread(target=_join, args=(client, _dial(url), delay_s, open_), daemon=True).start()


def _join(client: socket.socket, server: socket.socket, delay_s: float, open_: Event) -> None:
    with client, server:
        back = Thread(target=_pump, args=(server, client, 0, open_), daemon=True)
        back.start()
        _pump(client, server, delay_s, open_)
        back.join()


def _dial(url: str) -> socket.socket:
    with closing(psycopg2.connect(url)) as found:
        host, port = found.info.host, found.info.port
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    local = socket.socket(socket.AF_UNIX)
    local.connect(f"{host}/.s.PGSQL.{port}")
    return local


def _pump(source: socket.socket, target: socket.socket, delay_s: float, open_: Event) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            open_.wait()
            time.sleep(delay_s)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
