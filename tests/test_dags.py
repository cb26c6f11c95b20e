"""The DAG files: what they load as, and that a person and an operator find what they need in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mediawatch.local.airflow import POOLS
from mediawatch.settings import PROJECT, Settings
from mediawatch.stages import STAGES, claim

VERBS = {"backfill", "ingest", "maintain", "poll", "refetch", "replay", "retag", "send"}
DESCRIBE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
tell = lambda task: {"pool": task.pool, "queue": task.queue, "about": (task.doc_md or getattr(task, "python_callable", None).__doc__ or "").strip(), "retries": task.retries, "owner": task.owner, "doc": task.doc_md or "",
                     "mapped": task.map_index_template or "", "weight": str(task.weight_rule), "backoff": task.retry_exponential_backoff}
print(json.dumps({"errors": bag.import_errors, "dags": {dag_id: {
    "deadline": [each.interval.total_seconds() for each in (dag.deadline or [])], "called": [each.callback.path for each in (dag.deadline or [])],
    "description": dag.description or "", "doc": dag.doc_md, "tags": sorted(dag.tags), "catchup": dag.catchup, "runs": dag.max_active_runs,
    "timetable": type(dag.timetable).__name__, "params": sorted(dag.params), "tasks": {t.task_id: tell(t) for t in dag.tasks}} for dag_id, dag in bag.dags.items()}}))
"""


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All DAGs as Airflow reads them, in a process of its own: importing Airflow changes the one that does it."""
    env = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "PYTHONPATH": str(PROJECT / "plugins"),
    }
    command = [sys.executable, "-c", DESCRIBE, str(PROJECT / "dags")]
    out = subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=120).stdout
    return dict(json.loads(out.splitlines()[-1]))


def test_every_dag_file_loads(bag: dict[str, Any]) -> None:
    assert bag["errors"] == {}
    assert sorted(bag["dags"]) == sorted(path.stem for path in (PROJECT / "dags").glob("*.py"))


def test_every_dag_says_what_it_is(bag: dict[str, Any]) -> None:
    for dag_id, dag in bag["dags"].items():
        assert dag["doc"].startswith("### "), dag_id
        assert "mediawatch" in dag["tags"], dag_id
        assert dag["catchup"] is False, dag_id
        assert dag["runs"] <= 2, dag_id
        assert len(dag["tags"]) >= 2, dag_id
        assert dag_id.split("_")[0] in VERBS, dag_id


def test_every_dag_has_a_deadline_that_raises_an_alert(bag: dict[str, Any]) -> None:
    for dag_id, dag in bag["dags"].items():
        (seconds,) = dag["deadline"]
        assert 1_200 <= seconds <= 86_400, dag_id
        assert dag["called"] == ["mediawatch.glue_alerts.tell_late_run"], dag_id


def test_every_task_says_what_it_does(bag: dict[str, Any]) -> None:
    for dag_id, dag in bag["dags"].items():
        for task_id, task in dag["tasks"].items():
            assert len(task["about"]) > 20, f"{dag_id}.{task_id}"


def test_every_task_is_retried_with_backoff_and_owned(bag: dict[str, Any]) -> None:
    tasks = [task for dag in bag["dags"].values() for task in dag["tasks"].values()]
    assert len(tasks) >= 11
    for task in tasks:
        assert task["retries"] >= 3
        assert task["backoff"]
        assert task["owner"] == "mediawatch"
        assert "upstream" in task["weight"].lower()


def test_every_pool_is_one_that_is_made_at_the_start(bag: dict[str, Any]) -> None:
    pools = {task["pool"] for dag in bag["dags"].values() for task in dag["tasks"].values()}
    assert pools <= {*POOLS, "default_pool"}
    compose = (PROJECT / "docker-compose.yml").read_text("utf-8")
    assert all(f"airflow pools set {name} " in compose for name in POOLS)


def test_a_task_goes_to_the_workers_of_its_pool(bag: dict[str, Any]) -> None:
    for dag in bag["dags"].values():
        for task in dag["tasks"].values():
            assert task["queue"] == {"default_pool": "default"}.get(task["pool"], task["pool"])


@pytest.mark.parametrize("dag_id", ["ingest_articles", "backfill_archive"])
def test_a_batch_goes_through_every_stage_and_mapped_tasks_tell_what_they_did(bag: dict[str, Any], dag_id: str) -> None:
    tasks = bag["dags"][dag_id]["tasks"]
    assert [name for name in tasks if name.startswith("batch.")] == [f"batch.{stage}" for stage in STAGES]
    assert all(tasks[f"batch.{stage}"]["mapped"] == "{{ called }}" for stage in STAGES)


def test_a_claim_takes_its_part_of_the_backlog_by_the_runs_that_there_may_be(bag: dict[str, Any]) -> None:
    assert bag["dags"]["ingest_articles"]["runs"] == claim.RUNS


def test_a_backfill_looks_for_files_that_wait_and_reads_each_file_in_a_task(bag: dict[str, Any]) -> None:
    backfill = bag["dags"]["backfill_archive"]
    assert backfill["timetable"] == "CronTriggerTimetable"
    assert backfill["tasks"]["read_file"]["mapped"] == "{{ called }}"
    assert sorted(backfill["params"]) == ["files", "since", "sitemap", "until"]


def test_refetching_asks_in_the_web_pool_and_reads_in_the_cpu_pool(bag: dict[str, Any]) -> None:
    tasks = bag["dags"]["refetch_articles"]["tasks"]
    assert {name: task["pool"] for name, task in tasks.items() if "." in name} == {
        "shard.refetch": "web",
        "shard.revise": "cpu",
    }
    assert all(task["mapped"] == "{{ called }}" for name, task in tasks.items() if "." in name)


def test_a_replay_is_begun_and_settled_by_hand_alone(bag: dict[str, Any]) -> None:
    replay = bag["dags"]["replay_archive"]
    assert replay["timetable"] == "NullTimetable"
    assert sorted(replay["params"]) == ["action", "replay", "since", "source", "stage", "until", "withdraw_lost"]
    assert replay["tasks"]["build"]["mapped"] == "{{ called }}"


def test_ten_thousand_articles_need_at_most_fifty_tasks(bag: dict[str, Any]) -> None:
    batches = -(-10_000 // Settings().batch_entries)
    tasks = bag["dags"]["ingest_articles"]["tasks"]
    per_batch = sum(name.startswith("batch.") for name in tasks)
    assert batches * per_batch + len(tasks) - per_batch <= 50


@pytest.mark.parametrize("file", sorted((PROJECT / "dags").glob("*.py")), ids=lambda path: path.stem)
def test_a_dag_file_is_wiring(file: Path) -> None:
    lines = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
    imports = [line.split()[1] for line in lines if line.startswith(("import ", "from "))]
    assert len(lines) <= 90
    assert {name.partition(".")[0] for name in imports} <= {"__future__", "airflow", "datetime", "mediawatch", "typing"}
