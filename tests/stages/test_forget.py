"""Take-downs and retention: nothing is left in the database or the archive, nothing comes back, the rest is as it was."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg2
import pytest
from mediawatch import stages
from mediawatch.alerts.found import Found
from mediawatch.alerts.rule import parse_rules
from mediawatch.errors import LeaseHeld, MediawatchError
from mediawatch.feeds.opml import Subscription
from mediawatch.models import Location
from mediawatch.settings import Settings
from mediawatch.stages import alert_rules, alerting, removal, replay, retention
from mediawatch.stages.again import refetch_once
from mediawatch.stages.flow import run_once
from mediawatch.stages.forget import forget, left_over, plan
from mediawatch.stages.maintain import check_balance
from mediawatch.stages.subscribe import subscribe
from mediawatch.store import scan
from mediawatch.store.database import Database
from mediawatch.web import archive, archive_files
from small_site import HOME, SmallSite, serving
from village_pages import FERRY, MILL, POND, page

MARK = "Quetzalcoatlus"
FENTANYL = (
    f"{MARK} inspectors seized 40 kilograms of fentanyl on the quay, and fentanyl traffickers were arrested there "
    "before the boat had been unloaded, a spokesman told reporters."
)
SECRET = [FENTANYL, *FERRY]
TITLE = f"{MARK} on the night ferry to Skarvoy"
URL = f"{HOME}/ferry-{MARK}"


def feed(*items: tuple[str, str]) -> bytes:
    """(path, title) as an Atom feed that quotes each title in its summary and content."""
    entries = "".join(
        f"<entry><id>tag:{path}</id><title>{title}</title><link href='{HOME}{path}'/><summary>On {title}</summary>"
        f"<content type='text'>The body of {title}</content><updated>2024-01-30T01:15:00Z</updated></entry>"
        for path, title in items
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Small</title>{entries}</feed>'.encode()


ITEMS = [
    ("/mill", "Mill burns at Tarn"),
    (f"/ferry-{MARK}", TITLE),
    ("/same", f"The same, by another way: {MARK}"),
    ("/pond", "Ducks are back"),
    ("/copy", "Ducks return"),
    ("/quote", "A reprint"),
]


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with serving() as served:
        served.pages = {
            "/feed": feed(*ITEMS),
            "/mill": page("Mill burns at Tarn", MILL),
            f"/ferry-{MARK}": page(TITLE, SECRET),
            "/same": ("to", URL),
            "/pond": page("Ducks are back on the pond", POND),
            "/copy": page("Ducks are back on the pond", POND),
            "/quote": page("Night ferry twice a week", FERRY),
            "/robots.txt": b"User-agent: *\nAllow: /\n",
        }
        yield served


@pytest.fixture
def settings(settings: Settings, site: SmallSite) -> Settings:
    return replace(settings, hosts=site.hosts, refetch_days=36_500, extract_workers=1)


@pytest.fixture
def loaded(db: Database, settings: Settings, site: SmallSite) -> SmallSite:
    """The site's six entries, five articles."""
    subscribe(db, [Subscription(url=f"{HOME}/feed")])
    assert run_once(db, settings, "test")["ok"] == 5
    return site


@pytest.fixture
def lived(db: Database, settings: Settings, loaded: SmallSite) -> SmallSite:
    """The same; its feed has changed the titles since, one article was revised, and a replay has looked at all."""
    site = loaded
    site.pages[f"/ferry-{MARK}"] = page(
        TITLE, [*SECRET, f"A second {MARK} inspector was hurt on the gangway, he said."]
    )
    site.pages["/feed"] = feed(*[(path, f"{title}, again") for path, title in ITEMS])
    db.execute("update feed set next_poll_at = now()")
    run_once(db, settings, "test", force=True)
    assert refetch_once(db, settings, "test", [URL])["revised"] == 1
    number = replay.begin(db, settings, "tag", "test")
    for part in replay.parts(db, number):
        replay.build(db, settings, number, part)
    return site


def archived(settings: Settings, word: str) -> list[str]:
    return archive_files.holding(settings.archive_root, [word.encode()])


def others(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """What analysts see of the articles that stay, and where their bytes say that they are from."""
    queries = {
        "articles": "select article_id, title, text, topics from analyst.articles where url <> %(url)s order by 1",
        "topics": "select t.article_id, topic, level, words from analyst.article_topics t join analyst.articles using (article_id) where url <> %(url)s order by 1, 2",
        "ducks": "select articles, sources from analyst.stories where title like 'Ducks%%'",
    }
    return {name: [tuple(row) for row in db.execute(query, {"url": URL})] for name, query in queries.items()}


def readable(db: Database, settings: Settings) -> int:
    """How many pages can be read from the archive; each is compared with its digest."""
    rows = db.execute("select warc_file, warc_offset, warc_length, sha256 from page where discarded_at is null")
    for row in rows:
        body = archive.read(settings.archive_root, Location(row.warc_file, row.warc_offset, row.warc_length)).body
        assert sha256(body).digest() == bytes(row.sha256)
    return len(rows)


def assert_gone(db: Database, settings: Settings, site: SmallSite) -> None:
    assert scan.find(db, [MARK]) == []
    assert archived(settings, MARK) == []
    db.execute("update feed set next_poll_at = now()")
    site.pages["/feed"] = feed(*[(path, f"{title}, once more") for path, title in ITEMS])
    run_once(db, settings, "test", force=True)
    refetch_once(db, settings, "test")
    assert scan.find(db, [MARK]) == []
    assert archived(settings, MARK) == []
    check_balance(db)


def test_the_text_is_everywhere_before_a_take_down_and_nowhere_after_it(
    db: Database, settings: Settings, lived: SmallSite
) -> None:
    places = {place for place, _ in scan.find(db, [MARK])}
    assert places >= {
        f"mediawatch.{name}"
        for name in (
            "article.text",
            "article.title",
            "entry.summary",
            "entry.title",
            "entry.url",
            "entry_announcement.title",
            "entry_change.becomes",
            "event.title",
            "page.hops",
            "revision.diff",
        )
    }
    assert archived(settings, MARK)
    before = others(db)
    found = plan(db, URL)
    assert found.counts["entries"] == 2  # the other way led to the same article
    assert (found.counts["articles"], found.counts["revisions"]) == (1, 1)
    assert forget(db, settings, found, "the court")["articles"] == 1
    assert left_over(db, settings, found.probes) == []
    assert others(db) == before
    assert_gone(db, settings, lived)
    assert readable(db, settings) == 4
    rows = db.execute("select status, reason, url, title from entry where reason = 'forgotten'")
    assert [tuple(row) for row in rows] == [("dropped", "forgotten", None, "")] * 2
    assert {row.asked_by for row in db.execute("select asked_by from tombstone")} == {"the court"}


def test_a_replay_of_what_stays_reads_every_page_after_a_take_down(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    forget(db, settings, plan(db, URL), "test")
    number = replay.begin(db, settings, "extract", "test")
    for part in replay.parts(db, number):
        replay.build(db, settings, number, part)
    rows = db.execute(
        "select outcome, count(*) as n from replay_article where replay_id = %(id)s group by 1", {"id": number}
    )
    assert {row.outcome: row.n for row in rows} == {"same": 4}


def test_a_story_whose_canonical_article_is_taken_down_gets_another(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    (story,) = db.execute("select story_id, canonical_article_id from analyst.stories where title like 'Ducks%'")
    (head,) = db.execute("select url from article where article_id = %(id)s", {"id": story.canonical_article_id})
    other = {f"{HOME}/pond": f"{HOME}/copy", f"{HOME}/copy": f"{HOME}/pond"}[head.url]
    found = plan(db, head.url)
    assert [copy["url"] for copy in found.copies] == [other]
    forget(db, settings, found, "test")
    (now,) = db.execute(
        "select s.articles, s.sources, a.url, e.stories, e.articles as told from story s join article a on a.article_id = s.canonical_article_id join event e using (event_id) where s.story_id = %(id)s",
        {"id": story.story_id},
    )
    assert tuple(now) == (1, 1, other, 1, 1)
    # Both pages have the same bytes, which the archive held once, in the record that went or not.
    assert readable(db, settings) == 5
    check_balance(db)


def test_a_publisher_is_taken_down_with_everything_and_is_not_polled_again(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    (source,) = db.execute("select name from source")
    forget(db, settings, plan(db, source.name), "test")
    assert db.execute("select count(*) from article")[0][0] == 0
    assert list(Path(settings.archive_root).rglob("*.warc.gz")) == []
    assert db.execute("select count(*) from story where articles > 0 or canonical_article_id is not null")[0][0] == 0
    assert db.execute("select count(*) from event where title <> '' or articles > 0")[0][0] == 0
    asked = len(loaded.asked)
    run_once(db, settings, "test", force=True)
    assert len(loaded.asked) == asked
    assert_gone(db, settings, loaded)


def test_an_alert_on_its_event_quotes_its_headline_no_more(db: Database, settings: Settings, loaded: SmallSite) -> None:
    alert_rules.put(db, parse_rules("- {rule: big, kind: new_event, threshold: 1}", "test"), "test")
    (rule,) = (each for each in alert_rules.stored(db) if each.rule == "big")
    events = db.execute("select event_id, title from event where title <> '' order by 1")
    (headline,) = (row for row in events if MARK in row.title)
    (ducks,) = (row for row in events if row.title.startswith("Ducks"))
    for row in (headline, ducks):
        alerting.raise_alert(
            db, settings, rule, Found(str(row.event_id), f"2 publishers on: {row.title}", "why"), db.now()
        )
    # This one was raised when the event still had another id, and a headline that the event has lost since.
    alerting.raise_alert(db, settings, rule, Found("99", f"1 publisher on: {TITLE}", "why"), db.now())
    forget(db, settings, plan(db, URL), "test")
    assert scan.find(db, [MARK]) == []
    said = {row.key: row.title for row in db.execute("select key, title from alert")}
    assert said == {
        str(headline.event_id): "2 publishers on: an event of which an article was taken away",
        "99": "1 publisher on: an event of which an article was taken away",
        str(ducks.event_id): f"2 publishers on: {ducks.title}",
    }


def test_what_is_not_known_is_not_taken_down(db: Database) -> None:
    with pytest.raises(MediawatchError, match="nothing is known of"):
        plan(db, "http://small.example/never")


def test_a_take_down_that_is_killed_goes_on_where_it_stopped(
    db: Database, settings: Settings, lived: SmallSite, worker: Callable[..., Any]
) -> None:
    found = plan(db, URL)
    before = others(db)
    db.rows("removals.ask", entry_ids=list(found.entries), why="forgotten", by="test")
    deaths = 0
    for act in range(1, 50, 7):
        killed = worker("forget", die_at=act)
        killed.communicate(timeout=60)
        deaths += killed.returncode == -signal.SIGKILL
        if killed.returncode == 0:
            break
    removal.finish(db, settings)
    assert deaths >= 4
    assert others(db) == before
    assert_gone(db, settings, lived)
    assert readable(db, settings) == 4


def test_a_worker_that_has_the_entry_in_hand_writes_nothing_of_it(
    db: Database, settings: Settings, site: SmallSite, batch: Callable[..., int]
) -> None:
    batch_id = batch(f"{HOME}/feed")
    stages.run("fetch", db, settings, batch_id, "test")
    real = db.many

    def meanwhile(name: str, *args: Any, **values: Any) -> Any:
        if name == "articles.insert" and not db.execute("select 1 from tombstone"):
            with db.another() as other:
                forget(other, settings, plan(other, URL), "test")
        return real(name, *args, **values)

    db.many = meanwhile  # type: ignore[method-assign]
    with pytest.raises((LeaseHeld, psycopg2.IntegrityError)):
        stages.run("extract", db, settings, batch_id, "test")
    db.many = real  # type: ignore[method-assign]
    for stage in ("extract", "deduplicate", "tag", "load"):
        stages.run(stage, db, settings, batch_id, "test")
    # The other way to it leads nowhere either.
    removal.finish(db, settings)
    assert_gone(db, settings, site)
    assert db.execute("select count(*) from article where loaded_at is not null")[0][0] == 4


def test_a_batch_that_makes_the_article_findable_at_this_moment_hinders_no_take_down(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    db.rows("removals.ask", entry_ids=list(plan(db, URL).entries), why="forgotten", by="test")
    real, waiting = db.rows, []

    def meanwhile(name: str, /, **values: Any) -> Any:
        """What load does: lock the article by a reference to it, then wait for whoever groups."""
        if name == "removals.next" and not waiting:
            other = db.another()
            other.execute("set deadlock_timeout = '1min'")  # so that it is not the one which gives way
            waiting.append(Thread(target=hold, args=(other,)))
            waiting[0].start()
            assert held.wait(10)
        return real(name, **values)

    def hold(other: Database) -> None:
        with other, other.transaction():
            other.execute("select 1 from article where url = %(url)s for key share", {"url": URL})
            held.set()
            other.rows("stories.serialise_grouping")

    held = Event()
    db.rows = meanwhile  # type: ignore[method-assign]
    assert removal.finish(db, settings)["articles"] == 1
    waiting[0].join()
    assert_gone(db, settings, loaded)


# ---- retention -----------------------------------------------------------------------------------------------------


def age(db: Database, days: int, where: str) -> None:
    """Make articles and pages older."""
    db.execute(f"update article set loaded_at = loaded_at - interval '{days} days' where {where}")
    db.execute(f"update page set fetched_at = fetched_at - interval '{days} days' where {where}")


def test_old_articles_go_and_do_not_come_back_as_new_ones(db: Database, settings: Settings, loaded: SmallSite) -> None:
    age(db, 31, f"url = '{URL}'")
    assert retention.retain(db, replace(settings, keep_articles_days=0))["articles"] == 0
    assert retention.retain(db, replace(settings, keep_articles_days=30))["articles"] == 1
    places = {place for place, _ in scan.find(db, [MARK])}
    assert places == {"mediawatch.entry.url"}  # the ledger still says which address it was
    assert archived(settings, MARK) == []
    db.execute("update feed set next_poll_at = now()")
    loaded.pages["/feed"] = feed(*ITEMS)
    assert run_once(db, settings, "test", force=True)["entries_new"] == 0
    assert db.execute("select count(*) from entry where reason = 'expired'")[0][0] == 2
    assert db.execute("select count(*) from article")[0][0] == 4
    check_balance(db)


def test_a_publishers_own_rule_goes_before_the_settings(db: Database, settings: Settings, loaded: SmallSite) -> None:
    (source,) = db.execute("select name from source")
    age(db, 31, "true")
    retention.set_rules(db, source.name, articles=0, pages=None, archive=None)
    assert retention.retain(db, replace(settings, keep_articles_days=30))["articles"] == 0
    retention.set_rules(db, source.name, articles=30, pages=None, archive=None)
    assert retention.retain(db, settings)["articles"] == 5
    assert list(Path(settings.archive_root).rglob("*.warc.gz")) == []


def test_old_bytes_go_and_the_article_stays(db: Database, settings: Settings, loaded: SmallSite) -> None:
    age(db, 31, f"url = '{HOME}/mill'")
    assert retention.retain(db, replace(settings, keep_archive_days=30))["bytes"] == 1
    assert archived(settings, "900 sacks of flour") == []
    assert db.execute("select count(*) from analyst.articles")[0][0] == 5
    assert readable(db, settings) == 5
    number = replay.begin(db, settings, "extract", "test")
    for part in replay.parts(db, number):
        replay.build(db, settings, number, part)
    rows = db.execute(
        "select outcome, count(*) as n from replay_article where replay_id = %(id)s group by 1", {"id": number}
    )
    assert {row.outcome: row.n for row in rows} == {"same": 4, "unread": 1}


def test_old_pages_without_an_article_go_and_their_outcome_stays(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    assert db.execute("select count(*) from page")[0][0] == 6
    age(db, 31, "true")
    assert retention.retain(db, replace(settings, keep_pages_days=30))["pages"] == 1  # the other way to the ferry
    assert db.execute("select count(*) from page")[0][0] == 5
    assert db.execute("select count(*) from entry where reason = 'same_page'")[0][0] == 1
    assert readable(db, settings) == 5
    check_balance(db)


def test_the_archive_is_left_alone_while_a_back_up_copies_it(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    with db.another() as backup:
        backup.rows("removals.keep_archive")
        assert forget(db, settings, plan(db, URL), "test")["records"] == 0
        assert archived(settings, MARK)
    assert removal.finish(db, settings)["records"] > 0
    assert_gone(db, settings, loaded)
