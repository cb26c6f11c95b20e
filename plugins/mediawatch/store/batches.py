"""Batches: entries claimed together and the lease on them, so that any number of workers can share the work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mediawatch.errors import LeaseHeld
from mediawatch.store.database import Database


@dataclass(frozen=True)
class Batch:
    """A leased batch; `lease_count` tells this lease from a later one of the same batch."""

    batch_id: int
    lease_count: int
    tries: int
    in_hand: int | None

    @property
    def careful(self) -> bool:
        """Whether an earlier try of this stage died: then each entry is noted before it is touched."""
        return self.tries > 1


def claim(
    db: Database, owner: str, *, limit: int, per_host: int, exclusive: bool, lease_s: int, most: int, backlog: int
) -> list[int]:
    """Ids of up to `most` batches for `owner`: those whose run is gone, then new ones of up to `limit` entries.

    Old ones take half of the places at the most: batches that break again and again must not keep new entries waiting.
    With `backlog` entries in open batches no new ones are made: what cannot be finished must not be begun.

    `exclusive` keeps a host's waiting entries in one batch at a time, so that pacing inside a batch is pacing for all.
    """
    taken = [
        row.batch_id for row in db.rows("batches.take_over", owner=owner, lease_s=lease_s, limit=max(1, most // 2))
    ]
    while len(taken) < most and db.value("batches.in_hand") < backlog:
        with db.transaction():
            db.rows("batches.serialise_claims")
            made = db.row(
                "batches.claim", owner=owner, limit=limit, per_host=per_host, exclusive=exclusive, lease_s=lease_s
            )
        if made is None:
            break
        taken.append(made.batch_id)
    return taken


def lease(db: Database, batch_id: int, owner: str, *, lease_s: int) -> Batch | None:
    """Hold a batch for one stage; None when it is done already.

    LeaseHeld when another run has it: that run does the work.
    """
    row = db.row("batches.lease", batch_id=batch_id, owner=owner, lease_s=lease_s)
    if row:
        return Batch(row.batch_id, row.lease_count, row.stage_tries, row.in_hand)
    standing = db.row("batches.get", batch_id=batch_id)
    if standing is None:
        raise LookupError(f"there is no batch {batch_id}")
    if standing.state == "done":
        return None
    raise LeaseHeld(f"batch {batch_id} is held by {standing.lease_owner} until {standing.lease_until:%H:%M:%S} UTC")


@dataclass(frozen=True)
class Task:
    """A task of Airflow's; `map_index` is -1 where it is not mapped."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int


@contextmanager
def worked_on(db: Database, batch_id: int, stage: str, task: Task) -> Iterator[dict[str, int]]:
    """Note that a task does a stage of a batch; what it puts into the dict (entries, ok) is noted when it succeeds."""
    number = db.value("batches.begin_task", batch_id=batch_id, stage=stage, **vars(task))
    counts: dict[str, int] = {}
    yield counts
    db.rows("batches.end_task", number=number, entries=counts.get("entries"), ok=counts.get("ok"))
