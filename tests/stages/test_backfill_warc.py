"""WARC files through the pipeline: every record accounted for, known entries left alone, a kill that changes nothing."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from mediawatch.articles.identity import url_key
from mediawatch.errors import LeaseHeld
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages import claim, maintain, poll
from mediawatch.stages.backfill_warc import read_file
from mediawatch.stages.flow import backfill_once, run_once
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from sample_warc import Answer, pages, write

Facts = dict[str, list[tuple[Any, ...]]]
Worker = Callable[..., "subprocess.Popen[bytes]"]

FEED = "http://northwire.example/rss/world.rss"
NEVER = 1_000_000
OWNER = "test"


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    """Ten pages of a publisher, one of them twice, and what else a crawl brings home."""
    answers = pages()[:10]
    rest = [
        Answer("http://northwire.example/gone", b"", "404 Not Found"),
        Answer("http://northwire.example/photo.jpg", b"\xff\xd8", content_type="image/jpeg"),
        answers[3],
    ]
    return write(tmp_path / "crawl.warc.gz", [*answers, *rest])


def test_pages_become_articles_and_every_record_is_counted(db: Database, settings: Settings, warc: Path) -> None:
    standing, loaded = backfill_once(db, settings, str(warc))
    assert standing.counts == {"warcinfo": 1, "request": 13, "pages": 10, "http_404": 1, "not_html": 1, "known": 1}
    assert standing.read_bytes == standing.size_bytes == warc.stat().st_size
    endings = db.execute("select status, count(*) as entries from entry group by 1")
    assert {row.status: row.entries for row in endings}["loaded"] == loaded >= 8
    assert sum(row.entries for row in endings) == 10
    maintain.check_balance(db)


def test_a_backfilled_page_gives_the_article_that_a_fetched_one_gives(
    db: Database, settings: Settings, warc: Path, reset: Callable[[], None]
) -> None:
    told = "select url, title, text, language, published_at, published_origin, source from analyst.articles order by 1"
    subscribe(db, [Subscription(url=FEED, source="Northwire", homepage="http://northwire.example/")])
    run_once(db, settings, "test")
    fetched = {row.url: row for row in db.execute(told)}
    reset()
    subscribe(db, [Subscription(url=FEED, source="Northwire", homepage="http://northwire.example/")])
    backfill_once(db, settings, str(warc))
    backfilled = {row.url: row for row in db.execute(told)}
    both = backfilled.keys() & fetched.keys()
    assert len(both) >= 5
    for url in both:
        assert (backfilled[url].text, backfilled[url].source) == (fetched[url].text, "Northwire")


def test_entries_that_are_there_already_are_left_alone(db: Database, settings: Settings, warc: Path) -> None:
    subscribe(db, [Subscription(url=FEED)])
    for shard in poll.claim_feeds(db, settings, "test"):
        poll.poll(db, settings, shard)
    announced = {row.identity.tobytes() for row in db.execute("select identity from entry")}
    (standing,) = read_file(db, settings, str(warc), "test")
    waiting = {row.identity.tobytes() for row in db.execute("select identity from entry where stage = 'fetch'")}
    assert waiting == announced
    assert 0 < standing.counts["pages"] < 10
    assert standing.counts["pages"] + standing.counts["known"] == 11


def test_an_entry_that_had_failed_is_rescued_by_a_page_that_others_have(
    db: Database, settings: Settings, warc: Path
) -> None:
    (url, other) = [answer.url for answer in pages()[:2]]
    source, now = db.value("feeds.add_source", name="test", homepage=None, tags=[]), db.now()
    row = (source, "pub.example", "", "", None, None, now, "done")
    fate = {url: ("failed", "gone"), other: ("dropped", "robots")}
    for each, (status, reason) in fate.items():
        (entry,) = db.many(
            "entries.announce", [(url_key(each), row[0], each, *row[1:], status, reason, now, now, None)]
        )
        db.many("entries.note_outcomes", [(entry.entry_id, "fetch", 1, status, reason, "", now)])
    backfill_once(db, settings, str(warc))
    rows = {row.url: row for row in db.execute("select url, status, reason from entry")}
    assert (rows[url].status, rows[other].status, rows[other].reason) == ("loaded", "dropped", "robots")
    (counts,) = [row.counts for row in db.execute("select counts from backfill")]
    assert (counts["rescued"], counts["known"]) == (1, 2)
    maintain.check_balance(db)


def test_a_file_that_was_read_before_is_not_read_again(db: Database, settings: Settings, warc: Path) -> None:
    (first,) = read_file(db, settings, str(warc), "test")
    assert list(read_file(db, settings, str(warc), "test")) == [replace(first, batch_id=None)]
    write(warc, pages()[:12])
    (grown,) = read_file(db, settings, str(warc), "test")
    assert grown.counts == {"warcinfo": 1, "request": 12, "pages": 2, "known": 10}


def test_a_file_is_read_in_groups_of_a_batch(db: Database, settings: Settings, warc: Path) -> None:
    small = replace(settings, batch_entries=4)
    found = [(s.batch_id is not None, s.counts["pages"]) for s in read_file(db, small, str(warc), "test")]
    assert found == [(True, 4), (True, 8), (True, 10)]
    assert [row.entries for row in db.execute("select entries from batch order by batch_id")] == [4, 4, 2]


def test_two_workers_at_one_file_store_it_once(db: Database, settings: Settings, warc: Path) -> None:
    small = replace(settings, batch_entries=4)
    slow = read_file(db, small, str(warc), "slow")
    next(slow)
    list(read_file(db, small, str(warc), "fast"))
    with pytest.raises(LeaseHeld, match="another worker"):
        list(slow)
    assert db.execute("select count(*) as pages, count(distinct url) as urls from page")[0] == (10, 10)


def test_what_an_interrupted_backfill_left_is_finished_by_the_next_one(
    db: Database, settings: Settings, warc: Path
) -> None:
    small = replace(settings, batch_entries=8)
    next(iter(read_file(db, small, str(warc), f"backfill {warc}")))
    _, loaded = backfill_once(db, small, str(warc))
    assert loaded >= 8
    assert db.execute("select count(*) from entry where status = 'pending'")[0][0] == 0


def test_batches_of_a_backfill_that_died_are_taken_over_by_any_run(
    db: Database, settings: Settings, warc: Path
) -> None:
    list(read_file(db, settings, str(warc), "died"))
    assert claim.claim(db, settings, "ingest") == []
    db.execute("update batch set lease_until = now() - interval '1 second'")
    assert run_once(db, settings, "ingest")["ok"] >= 8


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([], "northwire.example"),
        ([("The Wire", "https://www.northwire.example/home", "")], "The Wire"),
        ([("The Wire", "https://news.northwire.example/", "")], "The Wire"),
        (
            [("North", "https://a.northwire.example/", ""), ("Wire", "https://b.northwire.example/", "")],
            "northwire.example",
        ),
        ([("Fed", "", "http://feeds.northwire.example/rss")], "Fed"),
        ([("Other", "https://other.example/", "")], "northwire.example"),
    ],
)
def test_the_source_is_the_one_of_that_host_or_site(
    db: Database, settings: Settings, warc: Path, known: list[tuple[str, str, str]], expected: str
) -> None:
    for name, homepage, feed in known:
        subscribe(db, [Subscription(url=feed or f"http://x.invalid/{name}", source=name, homepage=homepage)])
    list(read_file(db, settings, str(warc), "test"))
    assert [r.name for r in db.execute("select distinct name from entry join source using (source_id)")] == [expected]


def test_a_reading_that_was_killed_and_run_again_leaves_what_an_undisturbed_one_leaves(
    db: Database,
    settings: Settings,
    warc: Path,
    worker: Worker,
    facts: Callable[[], Facts],
    reset: Callable[[], None],
) -> None:
    small = asdict(replace(settings, batch_entries=4))

    def run(die_at: int) -> tuple[int, bytes]:
        process = worker("backfill", file=str(warc), die_at=die_at, settings=small)
        out, _ = process.communicate(timeout=60)
        return process.returncode, out

    def left() -> Facts:
        files = db.execute("select file, size_bytes, read_bytes, counts::text, finished_at is not null from backfill")
        return {**facts(), "files": [tuple(row) for row in files]}

    code, out = run(NEVER)
    undisturbed, total = left(), int(out)
    assert code == 0
    for die_at in (round(total * share) for share in (0.2, 0.5, 0.98)):
        reset()
        db.execute("truncate backfill")
        assert run(die_at)[0] == -signal.SIGKILL
        assert left() != undisturbed
        list(read_file(db, replace(settings, batch_entries=4), str(warc), OWNER))
        assert left() == undisturbed, f"killed at act {die_at} of {total}"
