"""Airflow's own growth: 288 polls a day leave rows and logs, which nothing in Airflow takes away by itself.

Outside of its tasks, for a task that cleans the database of the scheduler that runs it would wait for itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

from mediawatch.errors import LocalServiceError
from mediawatch.local import airflow, database
from mediawatch.settings import Settings

LOGS = "AIRFLOW__LOGGING__BASE_LOG_FOLDER"
LOG = "airflow.clean"


def repeatedly(settings: Settings, days: int, every_h: float = 0) -> Iterator[int]:
    """Clean now, and again every so many hours where that is not 0; how many log files went each time."""
    while True:
        yield clean(settings, datetime.now(timezone.utc) - timedelta(days=days))
        if not every_h:
            return
        time.sleep(every_h * 3600)


def clean(settings: Settings, before: datetime) -> int:
    """Delete Airflow's rows and log files from before a time; how many files.

    In an Airflow of one's own its environment says where its database is, else it is the one of `mediawatch up`.
    `airflow db clean` keeps each DAG's last run. LocalServiceError carries the end of what it said.
    """
    env = _environment(settings)
    command = [sys.executable, "-m", "airflow", "db", "clean", "--yes", "--skip-archive", "--clean-before-timestamp"]
    done = subprocess.run(  # noqa: S603
        [*command, before.isoformat()], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LocalServiceError(f"airflow db clean failed: {(done.stderr or done.stdout).strip()[-1000:]}")
    return remove_logs(Path(env[LOGS]), before)


def remove_logs(folder: Path, before: datetime) -> int:
    """Delete log files that nobody has written to since a time, and folders that are empty then; how many files."""
    removed = 0
    for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder comes before the folder
        if path.is_file() and path.stat().st_mtime < before.timestamp():
            path.unlink()
            removed += 1
        elif path.is_dir() and path.stat().st_mtime < before.timestamp() and not any(path.iterdir()):
            path.rmdir()
    return removed


def _environment(settings: Settings) -> Mapping[str, str]:
    if airflow.METADATA_URL in os.environ and LOGS in os.environ:
        return os.environ
    keys = airflow.Secrets.keep(airflow.Home.of(settings))
    return airflow.environment(settings, keys, metadata_url=database.metadata_url(settings), port=0)
