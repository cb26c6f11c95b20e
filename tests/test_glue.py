"""The glue between Airflow and the pipeline, in a process of its own: importing Airflow changes the one that does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
