"""Batches: what each did, and the way from a task in Airflow's grid to the batch that it worked on."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from mediawatch.desk import paging
from mediawatch.desk.connection import Reading
from mediawatch.desk.page import address, render
from mediawatch.stages import STAGES
from mediawatch.store.database import Row

router = APIRouter()


@router.get("/batches")
def batches(
    request: Request,
    db: Reading,
    dag_id: str = "",
    run_id: str = "",
    task_id: str = "",
    map_index: str = "",
    after: str | None = None,
) -> Response:
    """The newest batches; or those of a run, or of a task of it: to the batch itself where it is one.

    Airflow's UI leaves {MAP_INDEX} as it stands where a task is not mapped.
    """
    (before,) = paging.unpack(after, 1)
    ids = None
    if dag_id:
        index = int(map_index) if map_index.isdecimal() else None
        task = {"dag_id": dag_id, "run_id": run_id, "task_id": task_id or None, "map_index": index}
        ids = [row.batch_id for row in db.rows("desk_batch.of_task", **task)]
        if len(ids) == 1 and task_id:
            return RedirectResponse(address(request, f"batches/{ids[0]}"), 303)
    rows = db.rows("desk_batch.list", batch_ids=ids, before=before, limit=paging.SIZE + 1)
    page = paging.page(rows, after, lambda row: (row.batch_id,))
    return render(request, "batches.html", page=page, dag_id=dag_id, run_id=run_id, task_id=task_id)


@router.get("/batches/{batch_id}")
def batch(request: Request, db: Reading, batch_id: int, after: str | None = None) -> Response:
    """One batch."""
    row = db.row("batches.get", batch_id=batch_id) if batch_id < 2**63 else None
    if row is None:
        raise HTTPException(404, f"There is no batch {batch_id}.")
    loaded, entry_id = paging.unpack(after, 2)
    entries = db.rows("desk_batch.entries", batch_id=batch_id, loaded=loaded, entry_id=entry_id, limit=paging.SIZE + 1)
    told: dict[str, Any] = {
        "stages": _stages(db.rows("desk_batch.stages", batch_id=batch_id)),
        "endings": {each.status: each.entries for each in db.rows("desk_batch.endings", batch_id=batch_id)},
        "tasks": db.rows("desk_batch.tasks", batch_id=batch_id),
        "page": paging.page(entries, after, lambda entry: (entry.is_loaded, entry.entry_id)),
    }
    return render(request, "batch.html", batch=row, **told)


def _stages(rows: list[Row]) -> list[tuple[str, int, list[Row]]]:
    """(stage, entries that went on, what the others came to) for each stage that was begun, in order."""
    by_stage: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_stage[row.stage].append(row)
    return [
        (stage, sum(row.entries for row in each if row.status == "ok"), [row for row in each if row.status != "ok"])
        for stage in STAGES
        if (each := by_stage[stage])
    ]
