"""Registers mediawatch's pages with Airflow: the desk as an app, and where the UI leads to it."""

from __future__ import annotations

from functools import cache
from typing import Any

from airflow.plugins_manager import AirflowPlugin
from mediawatch import (
    glue,
    stages,  # noqa: F401 - the scheduler has them when it forks the processes of tasks: 0.4 s less for each
)

TASK = "dag_id={DAG_ID}&run_id={RUN_ID}&task_id={TASK_ID}&map_index={MAP_INDEX}"
RUN = "dag_id={DAG_ID}&run_id={RUN_ID}"


@cache
def _apps() -> list[Any]:
    return [{"app": glue.desk(), "url_prefix": "/mediawatch", "name": "mediawatch"}]


class _Apps:
    """The desk, made where it is asked for: the API server does, but each task and each component reads this file."""

    def __get__(self, plugin: object, owner: type) -> list[Any]:
        return _apps()


class MediawatchPlugin(AirflowPlugin):
    """The desk at /mediawatch: in the navigation, and beside each run and task instance the batches it worked on.

    The addresses are relative to the UI's own base, wherever Airflow is mounted.
    """

    name = "mediawatch"
    fastapi_apps: Any = _Apps()
    external_views: list[Any] = [  # noqa: RUF012 - Airflow reads lists
        {"name": "Desk", "href": "mediawatch/", "destination": "nav", "url_route": "mediawatch"},
        {"name": "Batch", "href": f"mediawatch/batches?{TASK}", "destination": "task_instance", "url_route": "batch"},
        {"name": "Batches", "href": f"mediawatch/batches?{RUN}", "destination": "dag_run", "url_route": "batches"},
    ]
