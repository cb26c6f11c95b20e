"""Housekeeping: what a killed fetch left goes, what is not ours stays, and an unbalanced ledger is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from mediawatch import stages
from mediawatch.errors import StoreError
from mediawatch.settings import Settings
from mediawatch.stages.maintain import check_balance, maintain
from mediawatch.store.database import Database

FEED = "http://northwire.example/rss/world.rss"


def test_only_files_that_this_database_began_and_no_page_needs_are_removed(
    db: Database, settings: Settings, batch: Callable[..., int]
) -> None:
    batch_id = batch(FEED)
    stages.run("fetch", db, settings, batch_id, "test")
    archive = Path(settings.archive_root)
    (needed,) = archive.rglob("*.warc.gz")
    others = archive / "2020" / "others.warc.gz"
    ours = archive / "2020" / "killed.warc.gz"
    half = archive / "2020" / ".killed.warc.gz.abc.part"
    others.parent.mkdir()
    for file in (others, ours, half):
        file.write_bytes(b"x")
    db.execute("insert into archive_file (file, batch_id) values ('2020/killed.warc.gz', 1)")
    db.execute("update archive_file set begun_at = now() - interval '3 days'")
    assert maintain(db, settings)["files_removed"] == 2
    assert (needed.exists(), others.exists(), ours.exists(), half.exists()) == (True, True, False, False)


@pytest.mark.parametrize(
    "harm",
    [
        "update article set loaded_at = null where article_id = (select min(article_id) from article)",
        "update article set text = '' where article_id = (select min(article_id) from article)",
        "delete from outcome where entry_id = (select min(entry_id) from entry)",
        "update entry set stage = 'tag', status = 'pending' where entry_id = (select min(entry_id) from entry)",
    ],
)
def test_a_ledger_that_does_not_balance_is_told(
    harm: str, db: Database, settings: Settings, batch: Callable[..., int]
) -> None:
    batch_id = batch(FEED)
    for stage in stages.STAGES:
        stages.run(stage, db, settings, batch_id, "test")
    check_balance(db)
    db.execute(harm)
    with pytest.raises(StoreError, match="does not balance"):
        check_balance(db)
