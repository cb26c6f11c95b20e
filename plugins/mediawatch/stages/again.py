"""Refetches without Airflow: what the DAG refetch_articles does, in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mediawatch.articles.identity import url_key
from mediawatch.settings import Settings
from mediawatch.stages import refetch, revise
from mediawatch.stages.batch import Counts
from mediawatch.store.database import Database


def refetch_once(db: Database, settings: Settings, owner: str, urls: Sequence[str] = ()) -> Counts:
    """Look at every article that is due, and at those of `urls`, due or not; counts by what was found."""
    totals: Counter[str] = Counter()
    if urls:
        refetch.adopt(db, settings)
        totals["asked"] = len(db.rows("refetches.ask_for", keys=[url_key(url) for url in urls]))
    try:
        while shards := refetch.claim(db, settings, owner):
            before = totals["articles"]
            for shard in shards:
                asked = refetch.refetch(db, settings, shard)
                read = revise.revise(db, settings, shard)
                asked.pop("changed", None)
                totals.update(asked)
                totals.update({result: count for result, count in read.items() if result != "articles"})
            if totals["articles"] - totals["released"] == before:
                break  # hosts that are down, or a budget that is over: a later run goes on
    finally:
        db.rows("refetches.free_run", run=owner)
    return {"articles": 0, **dict(totals)}
