"""An upgrade with workers of both versions: the last release's code works on today's schema, beside today's code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from typing import Any

from mediawatch import stages
from mediawatch.feeds import opml
from mediawatch.local import corpus
from mediawatch.settings import Settings
from mediawatch.stages.forget import forget, plan
from mediawatch.stages.maintain import check_balance
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from mediawatch.store.ledger import account

Facts = dict[str, list[tuple[Any, ...]]]
Worker = Callable[..., None]
TAKEN_DOWN = "http://harborledger.example/world/joint-working-group.html"


def test_batches_whose_stages_the_last_release_and_today_do_by_turns_end_as_if_today_had_done_them_all(
    db: Database,
    settings: Settings,
    facts: Callable[[], Facts],
    reset: Callable[[], None],
    released: Callable[[], Any],
) -> None:
    old = released()

    def last_release(step: str, **what: Any) -> None:
        assert old.run(here, step, owner="test", **what) == 0, step

    def today(step: str, **what: Any) -> None:
        if step == "poll":
            stages.poll.poll(db, here, what["shard"])
        else:
            stages.run(step, db, here, what["batch_id"], "test")

    ended = []
    for home, other in (("today", today), ("both", last_release)):
        with corpus.Corpus(corpus.ROOT) as web:  # what it serves changes with the requests
            here = replace(
                settings, home=f"{settings.home}/{home}", hosts=web.hosts, poll_shard_feeds=1, batch_entries=20
            )
            take_turns(db, here, today, other)
        ended.append({name: rows for name, rows in facts().items() if name != "batches"})  # retries fall as they may
        check_balance(db)
        if home == "today":
            reset()
    undisturbed, mixed = ended
    assert mixed == undisturbed
    batches = db.execute("select batch_id, sent_back from batch")
    assert all(account(db, row.batch_id).balances for row in batches)
    assert any(row.sent_back for row in batches if row.batch_id % 2 == 0)  # by the last release, which fetched these


def take_turns(db: Database, settings: Settings, one: Worker, other: Worker) -> None:
    """The whole corpus: one polls a feed and the other the next one; whoever fetches a batch hands it on to the other
    for its extraction, and so on, and does not load it; the next batch is fetched by the other."""
    subscribe(db, opml.read((corpus.ROOT / "feeds.opml").read_bytes()))
    turns = cycle([one, other])
    for shard in stages.poll.claim_feeds(db, settings, "test"):
        next(turns)("poll", shard=shard)
    while db.execute("select 1 from entry where status = 'pending' limit 1"):
        for batch_id in stages.claim.claim(db, settings, "test"):
            fetcher, loader = (one, other) if batch_id % 2 else (other, one)
            for stage in stages.STAGES:
                (fetcher if stage in ("fetch", "deduplicate") else loader)(stage, batch_id=batch_id)


def test_the_last_releases_housekeeping_and_polls_leave_alone_what_today_has_taken_down(
    db: Database, settings: Settings, batch: Callable[..., int], facts: Callable[[], Facts], released: Callable[[], Any]
) -> None:
    batch_id = batch("http://harborledger.example/feed.xml")
    for stage in stages.STAGES:
        stages.run(stage, db, settings, batch_id, "test")
    forget(db, settings, plan(db, TAKEN_DOWN), "test")
    of_time = {"feeds", "polls"}
    before = {name: rows for name, rows in facts().items() if name not in of_time}
    assert TAKEN_DOWN not in {row[0] for row in before["articles"]}
    old = released()
    assert old.run(settings, "maintain", "flow", "maintain", owner="test", force=True) == 0
    assert {name: rows for name, rows in facts().items() if name not in of_time} == before
    assert db.execute("select count(*) as polls from feed_poll")[0].polls == 2
    check_balance(db)
