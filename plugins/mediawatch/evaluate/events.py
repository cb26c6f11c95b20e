"""Puts labelled articles through the real flow from `deduplicate` to `load` and compares the events with the labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mediawatch import stages
from mediawatch.evaluate import database, labelled
from mediawatch.evaluate.labelled import Labelled
from mediawatch.settings import Settings
from mediawatch.store.database import Database


@dataclass(frozen=True)
class Evaluation:
    """`events` is {article id: its set and event id}."""

    rows: tuple[Labelled, ...]
    events: dict[str, str]

    def plain(self) -> dict[str, Any]:
        """What `--json` prints, a stable interface; figures that need labels are over the lines that have one."""
        known = [row for row in self.rows if row.label is not None]
        sets = sorted({row.set for row in known})
        return {
            "all": self._figures(known),
            "sets": {name: self._figures([row for row in known if row.set == name]) for name in sets},
            "worst": labelled.worst(_labels(known), self.events),
        }

    def _figures(self, rows: Sequence[Labelled]) -> dict[str, Any]:
        true = _labels(rows)
        if not true:
            return {"bcubed": None, "ari": None, "articles": 0}
        ari = round(labelled.adjusted_rand(true, self.events), 4)
        return {"bcubed": labelled.bcubed(true, self.events).plain(), "ari": ari, "articles": len(true)}


def _labels(rows: Sequence[Labelled]) -> dict[str, tuple[str, str | None]]:
    return {row.id: (row.set, row.label) for row in rows}


def evaluate(rows: Sequence[Labelled], settings: Settings) -> Evaluation:
    """Events of these articles; each set in a database of its own, in batches in the order of its lines."""
    events: dict[str, str] = {}
    for name in dict.fromkeys(row.set for row in rows):
        events |= _grouped([row for row in rows if row.set == name], settings)
    return Evaluation(tuple(rows), events)


def _grouped(rows: Sequence[Labelled], settings: Settings) -> dict[str, str]:
    with database.fresh() as url, Database(url) as db:
        for at in range(0, len(rows), settings.batch_entries):
            batch = database.insert(db, rows[at : at + settings.batch_entries], at)
            for stage in ("deduplicate", "tag", "load"):
                stages.run(stage, db, settings, batch, database.OWNER)
        found = {row.url: row.event_id for row in db.rows("evaluate.events")}
    return {row.id: f"{row.set} {found[database.url_of(row)]}".strip() for row in rows}


def predictions(found: Evaluation) -> list[dict[str, Any]]:
    """{id, event} of each line, in order."""
    return [{"id": row.id, "event": found.events[row.id]} for row in found.rows]
