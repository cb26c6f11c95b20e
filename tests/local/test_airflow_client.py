"""The REST client, against a small server that speaks as Airflow does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from mediawatch.errors import LocalServiceError
from mediawatch.local.airflow_client import Client


class FakeAirflow(BaseHTTPRequestHandler):
    """150 DAGs, one run, one pool that exists; everything but health and login wants the token."""

    health: dict[str, Any] = {}  # noqa: RUF012

    def do_POST(self) -> None:
        if self.path == "/auth/token":
            right = self.body() == {"username": "admin", "password": "right"}
            return (
                self.answer(201, {"access_token": "t"})
                if right
                else self.answer(401, {"detail": "Invalid credentials"})
            )
        if self.path == "/api/v2/pools":
            return self.answer(409, {"detail": "exists"})
        if self.path == "/api/v2/dags/dag/dagRuns":
            return self.answer(200, {"dag_run_id": f"run {self.body()['conf']}"})
        return self.answer(404, {"detail": "no such DAG"})

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/api/v2/monitor/health":
            return self.answer(200, self.health)
        if self.headers.get("Authorization") != "Bearer t":
            return self.answer(401, {})
        if path == "/api/v2/dags":
            offset = int(dict(item.split("=") for item in query.split("&"))["offset"])
            page = [{"dag_id": f"d{n}"} for n in range(150)][offset : offset + 100]
            return self.answer(200, {"dags": page, "total_entries": 150})
        if path == "/api/v2/importErrors":
            broken = [{"filename": "bad.py", "stack_trace": "SyntaxError"}]
            return self.answer(200, {"import_errors": broken, "total_entries": 1})
        if path == "/api/v2/dags/dag/dagRuns/manual__2024-01-31T00%3A00%3A00%2B00%3A00":
            return self.answer(200, {"state": "success"})
        return self.answer(404, {"detail": f"no {path}"})

    def body(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, status: int, body: dict[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def client() -> Iterator[Client]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeAirflow)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Client(f"http://127.0.0.1:{server.server_port}", "admin", "right")
    server.shutdown()
    server.server_close()
    thread.join()


def test_lists_are_read_to_their_last_page(client: Client) -> None:
    assert len(client.dags()) == 150


def test_a_run_id_with_colons_and_plus_signs_finds_its_run(client: Client) -> None:
    assert client.run_state("dag", "manual__2024-01-31T00:00:00+00:00") == "success"


def test_a_trigger_passes_its_conf_and_returns_the_run(client: Client) -> None:
    assert client.trigger("dag", {"n": 1}) == "run {'n': 1}"


def test_a_pool_that_exists_is_left_as_it_is(client: Client) -> None:
    client.make_pool("web", 8, "")


def test_a_refusal_carries_airflows_words(client: Client) -> None:
    with pytest.raises(LocalServiceError, match=r"POST .*: 404 .*no such DAG"):
        client.trigger("absent")
    client.password = "wrong"
    client._token = ""
    with pytest.raises(LocalServiceError, match="Invalid credentials"):
        client.dags()


def test_waiting_for_a_dag_whose_file_is_broken_tells_why(client: Client) -> None:
    client.await_dags(["d1", "d149"])
    with pytest.raises(LocalServiceError, match=r"bad\.py: SyntaxError"):
        client.await_dags(["absent"])


def test_airflow_is_healthy_when_its_three_parts_are(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    well = {name: {"status": "healthy"} for name in ("metadatabase", "scheduler", "dag_processor")}
    monkeypatch.setattr(FakeAirflow, "health", well)
    assert client.healthy()
    monkeypatch.setattr(FakeAirflow, "health", {**well, "scheduler": {"status": None}})
    assert not client.healthy()


def test_an_airflow_that_is_not_there_is_not_healthy() -> None:
    assert not Client("http://127.0.0.1:9", "admin", "x").healthy()
