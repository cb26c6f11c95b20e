"""Registers mediawatch's pages with Airflow: the desk as an app, and where the UI leads to it."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin
from mediawatch import glue

TASK = "dag_id={DAG_ID}&run_id={RUN_ID}&task_id={TASK_ID}&map_index={MAP_INDEX}"
RUN = "dag_id={DAG_ID}&run_id={RUN_ID}"


class MediawatchPlugin(AirflowPlugin):
    """The desk at /mediawatch: in the navigation, and beside each run and task instance the batches it worked on.

    The addresses are relative to the UI's own base, wherever Airflow is mounted.
    """

    name = "mediawatch"
    fastapi_apps: list[Any] = [{"app": glue.desk(), "url_prefix": "/mediawatch", "name": "mediawatch"}]  # noqa: RUF012 - Airflow reads lists
    external_views: list[Any] = [  # noqa: RUF012
        {"name": "Desk", "href": "mediawatch/", "destination": "nav", "url_route": "mediawatch"},
        {"name": "Batch", "href": f"mediawatch/batches?{TASK}", "destination": "task_instance", "url_route": "batch"},
        {"name": "Batches", "href": f"mediawatch/batches?{RUN}", "destination": "dag_run", "url_route": "batches"},
    ]
