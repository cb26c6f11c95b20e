"""The ledger of a batch: every entry that it claimed is loaded, dropped, failed, in flight or sent back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import pytest
from mediawatch import stages
from mediawatch.errors import StoreError
from mediawatch.reports import status
from mediawatch.settings import Settings
from mediawatch.store.database import Database
from mediawatch.store.ledger import Account, account
from rich.console import Console

WIRE = "http://northwire.example/rss/world.rss"
QUIRKS = "http://quirks.example/feed.xml"


def test_a_sum_that_lacks_an_entry_does_not_balance_and_says_so() -> None:
    whole = Account(10, 5, {"paywall": 2}, {"gone": 1}, in_flight=1, sent_back=1)
    assert whole.balances
    assert str(whole) == (
        "10 entries = 5 loaded + 2 dropped (paywall 2) + 1 failed (gone 1) + 1 in flight + 1 sent back"
    )
    assert not replace(whole, loaded=4).balances
    assert not replace(whole, lost=1).balances
    assert "10 entries ≠ 4 loaded" in str(replace(whole, loaded=4))


def test_what_a_batch_dropped_failed_and_sent_back_to_be_tried_again_is_in_its_account(
    db: Database, settings: Settings, batch: Callable[..., int]
) -> None:
    batch_id = batch(QUIRKS)
    claimed = account(db, batch_id)
    assert (claimed.claimed, claimed.in_flight) == (claimed.in_flight, claimed.claimed)
    for stage in stages.STAGES:
        stages.run(stage, db, settings, batch_id, "test")
    done = account(db, batch_id)
    assert done.balances, done
    assert done.claimed == claimed.claimed
    assert {"robots", "unsupported_type", "paywall"} <= done.dropped.keys()
    assert "gone" in done.failed
    (retried,) = db.execute("select count(*) as entries from entry where stage = 'fetch' and attempts = 1")
    assert done.sent_back == retried.entries >= 1


@pytest.mark.parametrize(
    "harm",
    [
        "update entry set batch_id = null where entry_id = (select min(entry_id) from entry where status = 'loaded')",
        "update article set loaded_at = null where article_id = (select min(article_id) from article)",
    ],
)
def test_a_load_after_which_an_entry_is_missing_fails_with_the_figures(
    harm: str, db: Database, settings: Settings, batch: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = batch(WIRE)
    *before, last = stages.STAGES
    for stage in before:
        stages.run(stage, db, settings, batch_id, "test")
    settle = stages.STAGES[last].__globals__["ledger"].settle

    def settle_and_lose(*args: object) -> None:
        settle(*args)
        db.execute(harm)

    monkeypatch.setattr("mediawatch.store.ledger.settle", settle_and_lose)
    with pytest.raises(StoreError, match=r"batch \d+ does not balance: \d+ entries"):
        stages.run(last, db, settings, batch_id, "test")


def test_the_status_shows_the_sum_and_whether_it_balances(
    db: Database, settings: Settings, batch: Callable[..., int]
) -> None:
    batch_id = batch(WIRE)
    for stage in stages.STAGES:
        stages.run(stage, db, settings, batch_id, "test")
    shown = rendered(db)
    assert "8 entries = 8 loaded + 0 dropped + 0 failed + 0 in flight" in shown
    db.execute("delete from outcome where entry_id = (select min(entry_id) from entry)")
    assert "the ledger does not balance" in rendered(db)


def rendered(db: Database) -> str:
    console = Console(file=StringIO(), width=200)
    console.print(status.render(status.status(db)))
    return console.file.getvalue()  # type: ignore[attr-defined]
