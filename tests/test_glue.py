"""The glue between Airflow and the pipeline, in a process of its own: importing Airflow changes the one that does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mediawatch.store.alerts import firing
from mediawatch.store.database import Database

SHOW = "from mediawatch import glue; print(glue.current_settings().database_url)"
URL = "postgresql://someone:secret@db.example:5433/news"


def current_url(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    base = {name: value for name, value in os.environ.items() if not name.startswith(("MEDIAWATCH_", "AIRFLOW_"))}
    home = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    command = [sys.executable, "-c", SHOW]
    return subprocess.run(command, env={**base, **home, **env}, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("given", ["postgresql", "postgres"])
def test_the_airflow_connection_leads_to_the_database(given: str, tmp_path: Path) -> None:
    ended = current_url(tmp_path, AIRFLOW_CONN_MEDIAWATCH=URL.replace("postgresql", given))
    assert ended.stdout.strip() == URL, ended.stderr


def test_the_environment_wins_over_the_connection(tmp_path: Path) -> None:
    ended = current_url(tmp_path, AIRFLOW_CONN_MEDIAWATCH=URL, MEDIAWATCH_DATABASE_URL="postgresql:///mine")
    assert ended.stdout.strip() == "postgresql:///mine", ended.stderr


LATE = """
import json, sys
from airflow.sdk.execution_time.callback_supervisor import execute_callback
import structlog
run = {"dag_id": "poll_feeds", "dag_run_id": "scheduled__2024"}
context = {"dag_run": run, "deadline": {"id": "1", "deadline_time": "2024-01-30T12:00:00Z"}}
print(execute_callback("mediawatch.glue_alerts.tell_late_run", {"context": context}, "", None, structlog.get_logger()))
"""


def test_a_missed_deadline_is_an_alert(database_url: str, tmp_path: Path) -> None:
    env = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "MEDIAWATCH_DATABASE_URL": database_url}
    out = subprocess.run([sys.executable, "-c", LATE], env=env, capture_output=True, text=True, timeout=60, check=True)
    assert "(True, None)" in out.stdout, out.stdout
    with Database(database_url) as db:
        (alert,) = firing(db)
    assert (alert["title"], alert["kind"]) == ("poll_feeds is late", "run_late")
    assert "scheduled__2024 of the DAG poll_feeds was not over by 2024-01-30 12:00 UTC" in alert["why"]


CHANNEL = "from mediawatch import glue_alerts; print(glue_alerts.channel('desk'))"


def test_a_channels_address_is_the_password_of_an_airflow_connection(tmp_path: Path) -> None:
    connection = '{"conn_type": "generic", "password": "json://hooks.example/token"}'
    env = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW_CONN_DESK": connection}
    out = subprocess.run(
        [sys.executable, "-c", CHANNEL], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    assert out.stdout.strip().endswith("json://hooks.example/token")
