"""A StatsD server of a test's own."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from socket import AF_INET, SOCK_DGRAM, socket
from threading import Thread


class Metrics:
    """A StatsD server: it listens to UDP on loopback and adds up counters."""

    def __init__(self) -> None:
        self.socket = socket(AF_INET, SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.counters: Counter[str] = Counter()
        self.others: dict[str, str] = {}
        self.over = False
        self.thread = Thread(target=self.listen)
        self.thread.start()

    @property
    def environment(self) -> dict[str, str]:
        """What makes Airflow send its metrics here."""
        port = str(self.socket.getsockname()[1])
        names = {"STATSD_ON": "True", "STATSD_HOST": "127.0.0.1", "STATSD_PORT": port}
        return {f"AIRFLOW__METRICS__{name}": value for name, value in names.items()}

    def listen(self) -> None:
        while not self.over:
            with suppress(TimeoutError):
                for line in self.socket.recv(65_536).decode().splitlines():
                    name, _, value = line.rpartition(":")
                    if value.endswith("|c"):
                        self.counters[name] += int(value[:-2])
                    else:
                        self.others[name] = value

    def close(self) -> None:
        self.over = True
        self.thread.join()
        self.socket.close()
