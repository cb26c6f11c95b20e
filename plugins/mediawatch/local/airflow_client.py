"""The few calls of Airflow's REST API (v2) that the command line needs; no part of the pipeline uses them."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from mediawatch.errors import LocalServiceError

Json = dict[str, Any]

PAGE = 100
TIMEOUT_S = 30.0

# Loopback only: no proxy of the environment has a part in it.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Client:
    """A logged-in user of one Airflow. Failed calls raise LocalServiceError with Airflow's own words."""

    url: str
    user: str
    password: str
    _token: str = field(default="", repr=False)

    def healthy(self) -> bool:
        """Whether the metadata database, the scheduler and the DAG processor all report that they are well."""
        try:
            health = self._send("GET", "/api/v2/monitor/health")
        except (LocalServiceError, OSError):
            return False
        return all(
            (health.get(part) or {}).get("status") == "healthy"
            for part in ("metadatabase", "scheduler", "dag_processor")
        )

    def warm_up(self) -> None:
        """Make the API that tasks talk to build itself, which takes it 4 s, before the first task waits for it."""
        self._send("GET", "/execution/health")

    def make_pool(self, name: str, slots: int, description: str) -> None:
        """Create a pool; one that exists keeps the slots that a person gave it."""
        body = {"name": name, "slots": slots, "description": description}
        self._call("POST", "/pools", body, accept=(409,))

    def await_dags(self, dag_ids: Iterable[str], timeout_s: float = 120.0) -> None:
        """Wait until DAGs are parsed and known; LocalServiceError with the import errors, or when time is up."""
        missing, deadline = set(dag_ids), time.monotonic() + timeout_s
        while missing := missing - set(self.dags()):
            if errors := self.import_errors():
                raise LocalServiceError("\n".join(f"{item['filename']}: {item['stack_trace']}" for item in errors))
            if time.monotonic() > deadline:
                raise LocalServiceError(f"Airflow did not find {', '.join(sorted(missing))} in {timeout_s:.0f} s")
            time.sleep(0.2)

    def dags(self) -> list[str]:
        """Names of the DAGs that are known."""
        return [dag["dag_id"] for dag in self._all("/dags", "dags")]

    def import_errors(self) -> list[Json]:
        """DAG files that did not load: filename, stack_trace."""
        return self._all("/importErrors", "import_errors")

    def trigger(self, dag_id: str, conf: Mapping[str, object] | None = None) -> str:
        """Start a run now; its run id."""
        run = self._call("POST", f"/dags/{quote(dag_id)}/dagRuns", {"logical_date": None, "conf": dict(conf or {})})
        return str(run["dag_run_id"])

    def runs(self, dag_id: str) -> list[Json]:
        """Runs of a DAG, newest first: dag_run_id, state, run_type, start_date, end_date, duration …"""
        return self._all(f"/dags/{quote(dag_id)}/dagRuns", "dag_runs", order_by="-run_after")

    def run_state(self, dag_id: str, run_id: str) -> str:
        """queued, running, success or failed."""
        return str(self._call("GET", f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}")["state"])

    def task_instances(self, dag_id: str, run_id: str) -> list[Json]:
        """The tasks of a run: task_id, map_index, state, try_number, start_date, end_date …"""
        return self._all(f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}/taskInstances", "task_instances")

    def _all(self, path: str, name: str, **query: str) -> list[Json]:
        items: list[Json] = []
        while True:
            page = self._call("GET", f"{path}?{urlencode({**query, 'limit': PAGE, 'offset': len(items)})}")
            items += page[name]
            if not page[name] or len(items) >= page["total_entries"]:
                return items

    def _call(self, method: str, path: str, body: Json | None = None, accept: tuple[int, ...] = ()) -> Json:
        if not self._token:
            login = {"username": self.user, "password": self.password}
            self._token = self._send("POST", "/auth/token", login)["access_token"]
        return self._send(method, f"/api/v2{path}", body, accept)

    def _send(self, method: str, path: str, body: Json | None = None, accept: tuple[int, ...] = ()) -> Json:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - http, loopback
        try:
            with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
                result: Json = json.loads(answer.read() or b"{}")
                return result
        except urllib.error.HTTPError as error:
            with error:
                if error.code in accept:
                    return {}
                raise LocalServiceError(
                    f"{method} {path}: {error.code} {error.read().decode(errors='replace')}"
                ) from None
        except urllib.error.URLError as error:
            raise LocalServiceError(f"{method} {path}: {error.reason}") from None
