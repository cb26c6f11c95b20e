"""Puts labelled articles through the real store path of `deduplicate` and compares the stories with the labels."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from math import ceil
from multiprocessing import get_context
from typing import Any

from mediawatch import stages
from mediawatch.evaluate import database, labelled
from mediawatch.evaluate.labelled import Labelled
from mediawatch.settings import Settings
from mediawatch.store.database import Database

TURNS = 4
"""Batches that each of several workers gets at the least, so that they meet."""


@dataclass(frozen=True)
class Evaluation:
    """`stories` is {article id: story id}; `articles_per_s` counts from the first statement of a batch to the last."""

    rows: tuple[Labelled, ...]
    stories: dict[str, int]
    articles_per_s: float

    def plain(self) -> dict[str, Any]:
        """What `--json` prints, a stable interface; figures that need labels are over the lines that have one."""
        true = {row.id: row.label for row in self.rows if row.label is not None}
        facts: dict[str, Any] = dict.fromkeys(("pairwise", "bcubed", "ari"))
        if true:
            facts = {
                "pairwise": labelled.pairwise(true, self.stories).plain(),
                "bcubed": labelled.bcubed(true, self.stories).plain(),
                "ari": round(labelled.adjusted_rand(true, self.stories), 4),
            }
        return {
            **facts,
            "recall_by_kind": labelled.recall_by_kind({row.id: row.kind for row in self.rows}, true, self.stories),
            "articles_per_s": round(self.articles_per_s, 1),
            "worst": labelled.worst(true, self.stories),
        }


def evaluate(rows: Sequence[Labelled], settings: Settings, workers: int = 1) -> Evaluation:
    """Stories of these articles, in batches in their order, by so many processes at once, on a Postgres of its own."""
    with database.fresh() as url:
        settings = replace(settings, database_url=url)
        with Database(url) as db:
            size = settings.batch_entries
            if workers > 1:
                size = min(size, ceil(len(rows) / (workers * TURNS)))
            batches = [database.insert(db, rows[at : at + size], at) for at in range(0, len(rows), size)]
            db.execute("analyze")
            took_s = _run(settings, batches, workers)
            found = {row.url: row.story_id for row in db.rows("evaluate.stories")}
    stories = {row.id: found[database.url_of(row)] for row in rows}
    return Evaluation(tuple(rows), stories, len(rows) / took_s)


def _run(settings: Settings, batches: Sequence[int], workers: int) -> float:
    """Seconds from the start of the first batch to the end of the last."""
    if workers == 1:
        began, ended = work(settings, batches)
        return ended - began
    shares = [batches[worker::workers] for worker in range(workers)]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        list(pool.map(work, [settings] * workers, [[]] * workers))  # processes start once, and articles keep coming
        times = list(pool.map(work, [settings] * workers, shares))
    return max(ended for _, ended in times) - min(began for began, _ in times)


def work(settings: Settings, batches: Sequence[int]) -> tuple[float, float]:
    """Deduplicate these batches one after the other; when that began and ended, in seconds."""
    with Database(settings.database_url) as db:
        began = time.time()
        for batch_id in batches:
            stages.run("deduplicate", db, settings, batch_id, database.OWNER)
        return began, time.time()


def predictions(found: Evaluation) -> list[dict[str, Any]]:
    """{id, story} of each line, in order."""
    return [{"id": row.id, "story": str(found.stories[row.id])} for row in found.rows]
