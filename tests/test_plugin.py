"""The plugin file, which every component of Airflow's and every task reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mediawatch.settings import PROJECT

READ = """
import sys
from mediawatch_plugin import MediawatchPlugin
print(sorted({"mediawatch.desk.app", "mediawatch.stages", "airflow.api_fastapi.app"} & set(sys.modules)))
(app,) = MediawatchPlugin.fastapi_apps
print(app["name"], app["url_prefix"], type(app["app"]).__name__, app["app"] is MediawatchPlugin.fastapi_apps[0]["app"])
"""


def test_reading_it_brings_the_stages_and_the_desk_only_when_it_is_asked_for(tmp_path: Path) -> None:
    env = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": str(PROJECT / "plugins")}
    out = subprocess.run([sys.executable, "-c", READ], env=env, check=True, capture_output=True, text=True, timeout=120)
    lines = [line for line in out.stdout.splitlines() if "[warning" not in line]
    assert lines == ["['mediawatch.stages']", "mediawatch /mediawatch FastAPI True"]
