"""One module for each arrow of the flow; `run` does a batch's stage by its name."""

from __future__ import annotations

from mediawatch.settings import Settings
from mediawatch.stages import batch, claim, maintain, poll
from mediawatch.stages.batch import Counts, Stage
from mediawatch.stages.deduplicate import deduplicate
from mediawatch.stages.extract import extract
from mediawatch.stages.fetch import fetch
from mediawatch.stages.load import load
from mediawatch.stages.tag import tag
from mediawatch.store.database import Database

__all__ = ["STAGES", "claim", "maintain", "poll", "run"]

STAGES: dict[str, Stage] = {"fetch": fetch, "extract": extract, "deduplicate": deduplicate, "tag": tag, "load": load}
"""The stages of a batch, in order."""


def run(stage: str, db: Database, settings: Settings, batch_id: int, owner: str) -> Counts:
    """Do one stage of a batch under its lease. LeaseHeld: another run has it."""
    return batch.run(stage, STAGES[stage], db, settings, batch_id, owner)
