"""What cannot be worked on waits, and nothing is lost: a full queue, a full disk, a dead object store, a slow Postgres."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from mediawatch import stages
from mediawatch.errors import ArchiveError, MediawatchError
from mediawatch.feeds.opml import Subscription
from mediawatch.local.corpus import Corpus
from mediawatch.models import Location
from mediawatch.settings import Settings
from mediawatch.stages import flow
from mediawatch.stages.backfill_warc import read_file, read_while_room, to_read
from mediawatch.stages.maintain import check_balance
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from mediawatch.web import archive_files
from mediawatch.web.archive import read
from sample_warc import pages, write
from slow_server import slow
from small_s3 import SmallS3, serving
from waiting import announce

from .conftest import OWNER, WIRE

Facts = Callable[[], dict[str, list[tuple[Any, ...]]]]
WAITING = "select stage, attempts, breaks, count(*) from entry where stage <> 'done' group by 1, 2, 3"


def waiting(db: Database) -> list[tuple[object, ...]]:
    """(stage, attempts, breaks, how many) of the entries on their way."""
    return [tuple(row) for row in db.execute(WAITING)]


def all_stages(db: Database, settings: Settings, batch_id: int) -> None:
    for stage in stages.STAGES:
        stages.run(stage, db, settings, batch_id, OWNER)


def loaded(db: Database) -> int:
    """How many articles analysts see, of a ledger that balances."""
    check_balance(db)
    return db.row("status.totals").articles  # type: ignore[union-attr]


def test_a_full_queue_keeps_entries_from_being_claimed_until_there_is_room(db: Database, settings: Settings) -> None:
    announce(db, *(f"http://host{number}.example/" for number in range(10)))
    narrow = replace(settings, batch_entries=2, backlog_entries=8)
    first, second, third = (stages.claim.claim(db, narrow, run) for run in ("one run", "another", "a third"))
    assert (len(first), len(second), third) == (2, 2, [])
    db.execute(
        "update entry set stage = 'done', status = 'failed', reason = 'gone' where batch_id = %(id)s", {"id": first[0]}
    )
    db.rows("batches.finish", batch_id=first[0])
    assert len(stages.claim.claim(db, narrow, "a third")) == 1


def test_a_full_queue_keeps_a_backfill_from_reading_on_and_no_page_is_lost(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    file = str(write(tmp_path / "crawl.warc.gz", pages()[:10]))
    narrow = replace(settings, batch_entries=2, backlog_entries=4)
    found = [standing.counts["pages"] for standing in read_while_room(db, narrow, file, "run 1")]
    assert (found, to_read(db)) == ([2, 4], [file])
    assert list(read_while_room(db, narrow, file, "run 2")) == []
    assert (db.value("batches.in_hand"), to_read(db)) == (4, [file])
    runs = 2
    while to_read(db):
        for row in db.execute("select batch_id, lease_owner from batch where state = 'open' order by 1"):
            for stage in stages.STAGES:
                stages.run(stage, db, narrow, row.batch_id, row.lease_owner)
        runs += 1
        found += [standing.counts["pages"] for standing in read_while_room(db, narrow, file, f"run {runs}")]
        assert db.value("batches.in_hand") <= 4
    assert (runs, found) == (4, [2, 4, 6, 8, 10])
    assert db.execute("select count(*) from entry") == [(10,)]
    assert db.execute("select count(*) from backfill where read_bytes = size_bytes") == [(1,)]
    check_balance(db)


def test_a_full_queue_that_others_have_filled_keeps_a_file_waiting_from_its_first_page_on(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    announce(db, *(f"http://host{number}.example/" for number in range(4)))
    narrow = replace(settings, batch_entries=2, backlog_entries=4)
    assert [len(stages.claim.claim(db, narrow, run)) for run in ("an ingest", "another")] == [1, 1]
    file = str(write(tmp_path / "crawl.warc.gz", pages()[:3]))
    assert list(read_while_room(db, narrow, file, "a backfill")) == []
    assert to_read(db) == to_read(db, [f"{tmp_path}/../{tmp_path.name}/crawl.warc.gz"]) == [file]
    assert list(read_file(db, narrow, file, "a person"))[-1].counts["pages"] == 3
    assert to_read(db) == []


def test_a_file_that_waited_and_is_not_there_any_more_is_told_once(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    file = str(write(tmp_path / "crawl.warc.gz", pages()[:1]))
    assert list(read_while_room(db, replace(settings, backlog_entries=0), file, "a backfill")) == []
    Path(file).unlink()
    with pytest.raises(MediawatchError, match="cannot read"):
        list(read_while_room(db, settings, file, "another"))
    assert to_read(db) == []


@pytest.fixture
def small_disk(open_folder: Path) -> Iterator[Path]:
    """A disk of 256 kB."""
    folder = open_folder / "small"
    folder.mkdir(exist_ok=True)
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], check=False).returncode
    ):
        pytest.skip("only root may mount a disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_stops_the_fetch_and_costs_no_entry_an_attempt(
    db: Database, settings: Settings, batch: Callable[..., int], small_disk: Path, web: Corpus
) -> None:
    full = replace(settings, archive=str(small_disk), archive_free_mb=0)
    batch_id = batch(WIRE)
    before = waiting(db)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(240_000))
    for _ in range(5):
        with pytest.raises(ArchiveError, match="No space left"):
            stages.run("fetch", db, full, batch_id, OWNER)
    assert waiting(db) == before
    assert list(small_disk.rglob("*.*")) == []  # nothing half-written is left to fill it
    ballast.unlink()
    for stage in stages.STAGES:
        stages.run(stage, db, full, batch_id, OWNER)
    assert loaded(db) == before[0][3]


def test_with_little_room_left_nothing_is_claimed_or_asked_for(
    db: Database, settings: Settings, batch: Callable[..., int], small_disk: Path, web: Corpus
) -> None:
    batch_id = batch(WIRE)
    asked = web.requests.total()
    tight = replace(settings, archive=str(small_disk), archive_free_mb=1)
    with pytest.raises(ArchiveError, match="0 MB left, less than 1 MB"):
        stages.run("fetch", db, tight, batch_id, OWNER)
    with pytest.raises(ArchiveError):
        stages.claim.claim(db, tight, "another run")
    assert web.requests.total() == asked


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallS3]:
    """An object store that dies and comes back as told; clients try twice."""
    brief = {"max_retries": 1, "retry_timeout": timedelta(seconds=5)}
    monkeypatch.setitem(archive_files.PATIENCE, "retry_config", brief)
    with serving() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


def test_the_archive_may_be_an_object_store(
    db: Database, settings: Settings, batch: Callable[..., int], s3: SmallS3
) -> None:
    remote = replace(settings, archive="s3://bucket/archive")
    batch_id = batch(WIRE)
    entries = waiting(db)[0][3]
    all_stages(db, remote, batch_id)
    assert loaded(db) == entries
    (name,) = s3.objects
    assert name.startswith("bucket/archive/")
    assert archive_files.remove(remote.archive, name.removeprefix("bucket/archive/")) == 1
    assert s3.objects == {}


def test_with_a_dead_object_store_nobody_is_asked_for_a_page(
    db: Database, settings: Settings, batch: Callable[..., int], s3: SmallS3, web: Corpus
) -> None:
    remote = replace(settings, archive="s3://bucket/archive")
    batch_id = batch(WIRE)
    before, asked = waiting(db), web.requests.total()
    s3.dead = True
    with pytest.raises(ArchiveError, match="503"):
        stages.run("fetch", db, remote, batch_id, OWNER)
    assert (waiting(db), web.requests.total()) == (before, asked)


def test_an_object_store_that_dies_between_the_stages_is_waited_for(
    db: Database, settings: Settings, batch: Callable[..., int], s3: SmallS3
) -> None:
    """However often it is tried meanwhile: pages that cannot be read are not to blame."""
    remote = replace(settings, archive="s3://bucket/archive")
    batch_id = batch(WIRE)
    stages.run("fetch", db, remote, batch_id, OWNER)
    before = waiting(db)
    s3.dead = True
    for _ in range(3):
        with pytest.raises(ArchiveError):
            stages.run("extract", db, remote, batch_id, OWNER)
    assert waiting(db) == before
    s3.dead = False
    all_stages(db, remote, batch_id)
    assert loaded(db) == before[0][3]


def test_a_batch_that_an_outage_stopped_may_be_taken_by_the_next_run_at_once(
    db: Database, settings: Settings, batch: Callable[..., int], s3: SmallS3
) -> None:
    remote = replace(settings, archive="s3://bucket/archive")
    batch_id = batch(WIRE)
    s3.dead = True
    with pytest.raises(ArchiveError):
        stages.run("fetch", db, remote, batch_id, OWNER)
    s3.dead = False
    assert stages.claim.claim(db, remote, "the next run") == [batch_id]


def test_a_folder_that_is_gone_is_the_archives_fault_and_a_file_that_is_gone_the_pages(tmp_path: Path) -> None:
    lost = Location("2026/11/25/batch-1.warc.gz", 0, 100)
    with pytest.raises(FileNotFoundError):
        read(str(tmp_path), lost)
    with pytest.raises(ArchiveError, match="is not there"):
        read(str(tmp_path / "unmounted"), lost)


def test_a_slow_postgres_that_stands_still_for_a_while_delays_a_run_and_changes_nothing(
    db: Database, settings: Settings, facts: Facts, reset: Callable[[], None]
) -> None:
    feeds = [Subscription(url=WIRE)]
    subscribe(db, feeds)
    flow.run_once(db, settings, OWNER)
    usual = told(facts())
    reset()
    shutil.rmtree(settings.archive_root)
    subscribe(db, feeds)
    with slow(settings.database_url, 0.005) as (url, moving), Database(url) as far:
        stall = Thread(target=stand_still, args=(moving, 1.0, 2.0))
        stall.start()
        began = time.monotonic()
        flow.run_once(far, replace(settings, database_url=url), OWNER)
        assert time.monotonic() - began > 2.0
        stall.join()
    assert told(facts()) == usual
    check_balance(db)


def told(facts: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """The facts without what a second reading of the same corpus changes by rights: intervals of the feeds."""
    return {name: rows for name, rows in facts.items() if name != "feeds"}


def stand_still(moving: Event, after_s: float, for_s: float) -> None:
    time.sleep(after_s)
    moving.clear()
    time.sleep(for_s)
    moving.set()
