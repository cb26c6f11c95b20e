"""The lease around a batch's stage, and the care for an entry that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from mediawatch import stages
from mediawatch.errors import LeaseHeld, Reason
from mediawatch.settings import Settings
from mediawatch.stages import batch as harness
from mediawatch.stages.batch import Counts, attempt_each
from mediawatch.store import ledger
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database

FEED = "http://northwire.example/rss/world.rss"


class Unreadable(Exception):
    """What the broken entry of these tests raises."""


def stage_that_breaks_on(entry_id: int) -> harness.Stage:
    """A fetch stage that settles every entry but one, on which it raises."""

    def work(db: Database, settings: Settings, batch: Batch) -> Counts:
        def one(row: object) -> None:
            if row.entry_id == entry_id:  # type: ignore[attr-defined]
                raise Unreadable

        rows = db.rows("entries.to_fetch", batch_id=batch.batch_id)
        done, error = attempt_each(db, batch, "fetch", rows, one)
        ledger.settle(db, batch, "fetch", [ledger.Move(row.entry_id, "extract") for row, _ in done])
        if error:
            raise error
        return {"ok": len(done)}

    return work


def test_another_run_cannot_work_on_a_leased_batch(db: Database, settings: Settings, batch: Callable[..., int]) -> None:
    batch_id = batch(FEED)
    with pytest.raises(LeaseHeld, match=f"batch {batch_id} is held by test"):
        stages.run("fetch", db, settings, batch_id, "somebody else")


def test_a_lease_that_ran_out_is_taken_over(db: Database, settings: Settings, batch: Callable[..., int]) -> None:
    batch_id = batch(FEED)
    db.execute("update batch set lease_until = now() - interval '1 second'")
    assert stages.claim.claim(db, settings, "somebody else") == [batch_id]
    assert stages.run("fetch", db, settings, batch_id, "somebody else")["ok"] > 0


def test_a_batch_that_is_done_is_left_alone(db: Database, settings: Settings, batch: Callable[..., int]) -> None:
    batch_id = batch(FEED)
    for stage in stages.STAGES:
        stages.run(stage, db, settings, batch_id, "test")
    assert [stages.run(stage, db, settings, batch_id, "a late run") for stage in stages.STAGES] == [{}] * 5


def test_an_entry_that_breaks_its_batch_twice_is_set_aside_and_the_rest_go_on(
    db: Database, settings: Settings, batch: Callable[..., int]
) -> None:
    batch_id = batch(FEED)
    entries = [row.entry_id for row in db.rows("entries.to_fetch", batch_id=batch_id)]
    work = stage_that_breaks_on(entries[3])
    with pytest.raises(Unreadable):
        harness.run("fetch", work, db, settings, batch_id, "test")
    assert [row.entry_id for row in db.rows("entries.to_fetch", batch_id=batch_id)] == [entries[3]]
    harness.run("fetch", work, db, settings, batch_id, "test")
    (broken,) = db.execute("select status, reason from entry where entry_id = %(e)s", {"e": entries[3]})
    assert (broken.status, broken.reason) == ("failed", "internal")
    assert db.execute("select count(*) from entry where stage = 'extract'")[0][0] == len(entries) - 1


def test_an_entry_in_hand_at_two_deaths_is_set_aside(
    db: Database, settings: Settings, batch: Callable[..., int]
) -> None:
    batch_id = batch(FEED)
    entry_id = db.rows("entries.to_fetch", batch_id=batch_id)[0].entry_id

    def dies(db: Database, settings: Settings, batch: Batch) -> Counts:
        """As a killed process leaves it: the lease taken, the entry in hand, nothing ended."""
        db.rows("batches.take_in_hand", batch_id=batch.batch_id, entry_id=entry_id)
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            harness.run("fetch", dies, db, settings, batch_id, "test")
    stages.run("fetch", db, settings, batch_id, "test")
    (broken,) = db.execute("select status, reason from entry where entry_id = %(e)s", {"e": entry_id})
    assert (broken.status, broken.reason) == ("failed", "internal")


def test_hosts_take_turns_in_a_batch(db: Database, settings: Settings, batch: Callable[..., int]) -> None:
    small = replace(settings, batch_entries=6)
    batch(
        "http://northwire.example/rss/world.rss",
        "http://citycourier.example/rss.xml",
        "http://lakesidetribune.example/feed.json",
    )
    db.execute("update entry set batch_id = null; update batch set state = 'done'")
    stages.claim.claim(db, small, "test")
    rows = db.execute(
        "select host, count(*) as entries from entry where batch_id = (select min(batch_id) from batch where state = 'open') group by 1"
    )
    assert {row.host: row.entries for row in rows} == dict.fromkeys(
        ("northwire.example", "citycourier.example", "lakesidetribune.example"), 2
    )


def test_a_host_is_in_one_batch_at_a_time_when_requests_are_spaced(
    db: Database, settings: Settings, batch: Callable[..., int]
) -> None:
    batch(FEED)
    db.execute("update entry set batch_id = null; update batch set state = 'done'")
    spaced = replace(settings, host_spacing_s=1, batch_entries=3)
    assert len(stages.claim.claim(db, spaced, "test")) == 1
    assert stages.claim.claim(db, spaced, "another run") == []


def test_a_host_that_asked_us_to_wait_is_passed_by(db: Database, settings: Settings, batch: Callable[..., int]) -> None:
    batch(FEED)
    db.execute("update entry set batch_id = null; update batch set state = 'done'")
    db.execute("insert into host (host, hold_until) values ('northwire.example', now() + interval '1 hour')")
    assert stages.claim.claim(db, settings, "test") == []


def test_a_worker_whose_lease_was_taken_over_writes_nothing(
    db: Database, settings: Settings, batch: Callable[..., int]
) -> None:
    batch_id = batch(FEED)

    def overtaken(db: Database, settings: Settings, batch: Batch) -> Counts:
        """A fetch that goes on while a retry of it begins and ends."""
        rows = db.rows("entries.to_fetch", batch_id=batch_id)
        stages.run("fetch", db, settings, batch_id, "test")
        before = db.execute("select * from outcome order by entry_id, stage, attempt")
        with pytest.raises(LeaseHeld, match="leased again"):
            ledger.settle(db, batch, "fetch", [ledger.Move(row.entry_id, "done", Reason.GONE) for row in rows])
        assert db.execute("select * from outcome order by entry_id, stage, attempt") == before
        return {"checked": len(rows)}

    assert harness.run("fetch", overtaken, db, settings, batch_id, "test")["checked"] > 0


def test_old_batches_leave_room_for_new_entries(db: Database, settings: Settings, batch: Callable[..., int]) -> None:
    batch(FEED)
    db.execute("update entry set batch_id = null; update batch set state = 'done'")
    for _ in range(20):
        db.execute(
            "insert into batch (entries, lease_owner, lease_until) values (0, 'dead', now() - interval '1 hour')"
        )
    claimed = stages.claim.claim(db, settings, "test")
    fresh = db.execute("select distinct batch_id from entry where batch_id is not null")
    assert len(fresh) == 1
    assert {row.batch_id for row in fresh} <= set(claimed)


def test_waiting_for_a_lock_is_no_entrys_fault(db: Database, settings: Settings, batch: Callable[..., int]) -> None:
    batch_id = batch(FEED)

    def dies_after_its_entries(db: Database, settings: Settings, batch: Batch) -> Counts:
        attempt_each(db, batch, "fetch", db.rows("entries.to_fetch", batch_id=batch.batch_id), lambda row: None)
        raise KeyboardInterrupt

    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            harness.run("fetch", dies_after_its_entries, db, settings, batch_id, "test")
    assert db.execute("select count(*) from entry where breaks > 0")[0][0] == 0


def test_twins_of_an_entry_that_is_set_aside_get_their_chance(
    db: Database, settings: Settings, batch: Callable[..., int]
) -> None:
    batch_id = batch("http://quirks.example/feed.xml")
    for stage in ("fetch", "extract"):
        stages.run(stage, db, settings, batch_id, "test")
    twin = db.execute("""
        select e.entry_id, a.entry_id as owner from entry e join article a using (article_id)
        where e.reason = 'same_page' order by 1 limit 1""")[0]
    db.execute("update entry set breaks = 1 where entry_id = %(e)s", {"e": twin.owner})
    held = Batch(batch_id, db.execute("select lease_count from batch")[0][0], 1, None)
    assert harness.blame(db, held, "deduplicate", twin.owner, "it broke twice")
    rows = db.execute("select stage, status, article_id from entry where entry_id = %(e)s", {"e": twin.entry_id})
    assert [tuple(row) for row in rows] == [("fetch", "pending", None)]
    assert db.execute("select 1 from article where entry_id = %(e)s", {"e": twin.owner}) == []
