"""The ledger of outcomes: what became of an entry at a stage, written together with the move to its next stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mediawatch.errors import LeaseHeld, Reason, Status, StoreError
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database, Row

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


@dataclass(frozen=True)
class Account:
    """What became of so many `claimed` entries: each of them is to be in exactly one of the other figures.

    `sent_back` left the batch before their end (not reached, or to be tried again later); `lost` are called loaded
    and have no article.
    """

    claimed: int
    loaded: int
    dropped: Mapping[str, int]
    failed: Mapping[str, int]
    in_flight: int
    sent_back: int = 0
    lost: int = 0

    @property
    def balances(self) -> bool:
        """Whether the sum is right, and nothing is called loaded that is not there."""
        ended = self.loaded + sum(self.dropped.values()) + sum(self.failed.values())
        return self.claimed == ended + self.in_flight + self.sent_back and not self.lost

    def __str__(self) -> str:
        """`126 entries = 114 loaded + 4 dropped (paywall 1, …) + 8 failed (…) + 0 in flight`."""
        parts = [f"{self.loaded:,} loaded", _by_reason(self.dropped, "dropped"), _by_reason(self.failed, "failed")]
        parts += [f"{self.in_flight:,} in flight", *([f"{self.sent_back:,} sent back"] if self.sent_back else [])]
        lost = f"; {self.lost:,} of the loaded have no article" if self.lost else ""
        return f"{self.claimed:,} entries {'=' if self.balances else '≠'} {' + '.join(parts)}{lost}"


def _by_reason(counts: Mapping[str, int], word: str) -> str:
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(counts.items()))
    return f"{sum(counts.values()):,} {word}{f' ({reasons})' if reasons else ''}"


def account(db: Database, batch_id: int) -> Account:
    """What became of a batch's entries."""
    rows = db.rows("batches.account", batch_id=batch_id)
    return Account(
        rows[0].claimed,
        sum(row.entries for row in rows if row.status == "loaded"),
        {row.reason: row.entries for row in rows if row.status == "dropped"},
        {row.reason: row.entries for row in rows if row.status == "failed"},
        sum(row.entries for row in rows if row.status == "pending"),
        rows[0].sent_back,
        sum(row.without_article for row in rows),
    )


def check(db: Database, batch_id: int) -> None:
    """StoreError, with the figures, when an entry of a batch is unaccounted for."""
    found = account(db, batch_id)
    if not found.balances:
        raise StoreError(f"the ledger of batch {batch_id} does not balance: {found}")


def balances(sums: Row) -> bool:
    """Whether the sums of status.balance account for every entry."""
    broken = sums.without_article + sums.without_twin + sums.stranded + sums.without_outcome
    return not broken and sums.entries == sums.loaded + sums.dropped + sums.failed + sums.pending


def clean(detail: str) -> str:
    """A detail of bounded length."""
    return detail[:DETAIL_CHARS]
