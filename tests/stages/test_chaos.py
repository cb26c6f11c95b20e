"""kill -9 at random instants of a whole life of articles: whoever goes on leaves what an undisturbed run leaves.

MEDIAWATCH_KILLS says how many; `make chaos` asks for many more and prints a table.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from typing import Any

from mediawatch.feeds.opml import Subscription
from mediawatch.models import Location
from mediawatch.settings import Settings
from mediawatch.stages.maintain import check_balance
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from mediawatch.web import archive

KILLS = int(os.environ.get("MEDIAWATCH_KILLS", "20"))
SEED = 20_240_131
FEEDS = ("http://northwire.example/rss/world.rss", "http://citycourier.example/rss.xml")
WIRE = "http://northwire.example/article/20240215-toolmakers-NW2496.html"
ARTICLES = 8 + 10 - 1
"""The items of both feeds, without the one that is taken down."""
STEPS = ("flow", "refetch", "forget", "maintain")
STAGES = ("poll", "claim", "fetch", "extract", "deduplicate", "tag", "load", "refetch", "forget", "maintain")
MORE: dict[str, Any] = {"urls": [WIRE], "forget": [WIRE]}


def durations(child: Any, settings: Settings) -> dict[str, float]:
    """Seconds that each stage of an undisturbed run takes."""
    child.begin(settings, *STEPS, **MORE)
    took: dict[str, float] = {}
    for stage, following in zip(STAGES, (*STAGES[1:], None), strict=True):
        if stage == "poll":
            assert child.reach(stage)
        since = time.monotonic()
        assert child.reach(following) if following else child.end() == 0
        took[stage] = time.monotonic() - since
    return took


def later(db: Database) -> None:
    """Half an hour later: what the dead held is free."""
    for table in ("feed", "refetch", "batch"):
        db.execute(f"update {table} set lease_until = now() - interval '1 second' where lease_owner is not null")


def unreadable(db: Database, settings: Settings) -> list[str]:
    """Pages that the archive does not hold."""
    lost = []
    for row in db.execute("select url, warc_file, warc_offset, warc_length from page where discarded_at is null"):
        try:
            archive.read(settings.archive_root, Location(row.warc_file, row.warc_offset, row.warc_length))
        except (OSError, ValueError) as error:  # noqa: PERF203
            lost.append(f"{row.url}: {error}")
    return lost


def test_a_run_that_was_killed_at_a_random_instant_ends_as_an_undisturbed_one(
    db: Database,
    settings: Settings,
    zygote: Callable[[], Any],
    facts: Callable[[], dict[str, Any]],
    reset: Callable[[], None],
) -> None:
    settings = replace(settings, extract_workers=1)
    chance, child = random.Random(SEED), zygote()
    subscribe(db, [Subscription(url=url) for url in FEEDS])
    took = durations(child, settings)
    undisturbed = facts()
    assert len(undisturbed["articles"]) == ARTICLES
    deaths: Counter[str] = Counter()
    equal: Counter[str] = Counter()
    try:
        for stage in cycle(STAGES):
            if deaths.total() == KILLS:
                break
            reset()
            subscribe(db, [Subscription(url=url) for url in FEEDS])
            child.begin(settings, *STEPS, **MORE)
            assert child.reach(stage)
            time.sleep(chance.uniform(0, took[stage]))
            child.kill()
            if child.end() != -signal.SIGKILL:
                continue  # it had ended before
            deaths[stage] += 1
            later(db)
            assert child.run(settings, *STEPS, **MORE) == 0
            where = f"killed in {stage}, the {deaths.total()}th time"
            assert facts() == undisturbed, where
            assert unreadable(db, settings) == [], where
            check_balance(db)
            equal[stage] += 1
    finally:  # also of a long run that is interrupted
        print("| stage | ms | killed in it | ended right |")
        for stage in STAGES:
            print(f"| {stage} | {1000 * took[stage]:.0f} | {deaths[stage]} | {equal[stage]} |")
