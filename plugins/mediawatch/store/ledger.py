"""The ledger of outcomes: what became of an entry at a stage, written together with the move to its next stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mediawatch.errors import LeaseHeld, Reason, Status
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database

DETAIL_CHARS = 2_000


@dataclass(frozen=True)
class Move:
    """Where an entry goes from a stage: on to `next_stage`, back to fetch at `ready_at`, or to its end ('done')."""

    entry_id: int
    next_stage: str
    reason: Reason | None = None
    detail: str = ""
    ready_at: datetime | None = None
    article_id: int | None = None

    @property
    def status(self) -> str:
        """What the ledger calls it."""
        return (self.reason.status if self.reason else Status.OK).value


def settle(db: Database, batch: Batch, stage: str, moves: Sequence[Move]) -> None:
    """Move entries and write their outcomes; to be called in the transaction that writes what the stage has made.

    An entry that is no longer in this stage of this batch is left alone, so that a stage which runs twice changes
    nothing the second time. LeaseHeld, which undoes the transaction, when another worker has leased the batch since.
    """
    if not db.rows("batches.confirm", batch_id=batch.batch_id, lease_count=batch.lease_count):
        raise LeaseHeld(f"batch {batch.batch_id} was leased again while this worker was at it")
    rows = [
        (v.entry_id, v.next_stage, v.status, v.reason and v.reason.value, clean(v.detail), v.ready_at, v.article_id)
        for v in sorted(moves, key=lambda v: v.entry_id)
    ]
    db.many("entries.settle", rows, batch_id=batch.batch_id, stage=stage)


def clean(detail: str) -> str:
    """A detail of bounded length."""
    return detail[:DETAIL_CHARS]
