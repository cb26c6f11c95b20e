"""How long each alert rule that ships takes, and a digest: `python bench/alerts.py DATABASE_URL`.

Reads only. Meant for a database as large as life, e.g. one of a million generated articles; it must be migrated.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from mediawatch import data
from mediawatch.alerts.rule import parse_rules
from mediawatch.settings import Settings
from mediawatch.stages import alerting, digest
from mediawatch.store.database import Database

TIMES = 5


def main(url: str) -> None:
    """Print the table."""
    with Database(url) as db:
        now = db.now()
        print(f"{db.row('status.totals').articles:,} articles\n\n| what | finds | ms, median of {TIMES} | target |")  # type: ignore[union-attr]
        print("| --- | --- | --- | --- |")
        for rule in parse_rules(data.alerts(), "alerts.yaml"):
            show(f"{rule.rule} ({rule.kind})", lambda rule=rule: f"{len(alerting.ask(db, rule, now)):,}", "≤ 1,000")  # type: ignore[misc]
        show("gauges", lambda: f"{len(alerting.pulse(db)):,}", "")
        day = now.date() - timedelta(days=1)
        show("digest of a day", lambda: f"{len(digest.make(db, Settings(), day).html):,} bytes", "")


def show(what: str, work: Callable[[], str], target: str) -> None:
    """One line of the table."""
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        found = work()
        took.append(1_000 * (time.perf_counter() - began))
    print(f"| {what} | {found} | {median(took):,.0f} | {target} |")


if __name__ == "__main__":
    main(sys.argv[1])
