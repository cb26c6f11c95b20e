"""Articles that are fetched again: what is cheap, what makes a revision, what is a removal, and what analysts see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from mediawatch.feeds.opml import Subscription
from mediawatch.models import Location
from mediawatch.settings import Settings
from mediawatch.stages import refetch, revise
from mediawatch.stages.again import refetch_once
from mediawatch.stages.flow import run_once
from mediawatch.stages.maintain import maintain
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from mediawatch.web.archive import read
from small_site import HOME, SmallSite, serving
from village_pages import FERRY, MILL, feed, page


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with serving() as served:
        served.pages = {
            "/feed": feed("mill", "ferry", updated="2024-01-30T02:00:00Z"),
            "/mill": page("Mill burns at Tarn", MILL),
            "/ferry": page("Night ferry to sail twice", FERRY),
            "/robots.txt": b"User-agent: *\nDisallow: /private\n",
        }
        yield served


@pytest.fixture
def settings(settings: Settings, site: SmallSite) -> Settings:
    # the pages say that they are of 2024: the watch must reach as far back
    return replace(settings, hosts=site.hosts, refetch_days=36_500, extract_workers=1)


@pytest.fixture
def loaded(db: Database, settings: Settings, site: SmallSite) -> SmallSite:
    subscribe(db, [Subscription(url=f"{HOME}/feed")])
    assert run_once(db, settings, "test")["ok"] == 2
    site.asked.clear()
    return site


@pytest.fixture
def again(db: Database, settings: Settings) -> Callable[..., dict[str, int]]:
    """Looks at the articles of these names, or at all that are due."""
    return lambda *names: refetch_once(db, settings, "test", [f"{HOME}/{name}" for name in names])


def life(db: Database, name: str = "mill") -> Any:
    (row,) = db.execute("select * from analyst.article_life where url = %(u)s", {"u": f"{HOME}/{name}"})
    return row


def history(db: Database) -> list[tuple[str, str | None]]:
    return [
        (r.what, r.reason)
        for r in db.execute("select what, reason from analyst.article_changes order by at, what desc")
    ]


Again = Callable[..., dict[str, int]]


def test_a_loaded_article_is_watched_and_not_asked_for_before_it_is_due(
    db: Database, loaded: SmallSite, again: Again
) -> None:
    assert again() == {"articles": 0}
    row = life(db)
    assert (row.state, row.checks, row.last_result) == ("online", 0, "first")
    assert row.next_check_at > db.now()
    assert loaded.asked == []


def test_an_unchanged_page_costs_a_304_and_a_revisit_record_and_nothing_else(
    db: Database, settings: Settings, loaded: SmallSite, again: Again
) -> None:
    assert again("mill") == {"asked": 1, "articles": 1, "not_modified": 1, "released": 0}
    assert loaded.asked == ["/mill"]  # robots.txt is kept
    (row,) = db.execute("select * from mediawatch.page_check where number = 1")
    assert (row.result, row.http_status, row.size_bytes) == ("not_modified", 304, None)
    with pytest.raises(ValueError, match="nothing had changed"):
        read(settings.archive_root, Location(row.warc_file, row.warc_offset, row.warc_length))
    assert db.execute("select * from mediawatch.revision") == []


def test_every_third_check_asks_for_the_whole_page_and_knows_it_by_its_digest(
    db: Database, loaded: SmallSite, again: Again
) -> None:
    found = [again("mill") for _ in range(3)]
    assert [set(each) & {"not_modified", "same_body"} for each in found] == [
        {"not_modified"},
        {"not_modified"},
        {"same_body"},
    ]


def test_other_bytes_with_the_same_text_are_no_revision(db: Database, loaded: SmallSite, again: Again) -> None:
    loaded.pages["/mill"] = page("Mill burns at Tarn", MILL, clock="12:04")
    assert again("mill")["same_text"] == 1
    assert life(db).revisions == 0
    loaded.pages["/mill"] = page("Mill burns at Tarn", MILL, clock="12:05")
    assert again("mill")["same_text"] == 1


def test_a_changed_figure_is_a_revision_with_its_diff_and_the_article_has_the_new_text(
    db: Database, loaded: SmallSite, again: Again
) -> None:
    loaded.pages["/mill"] = page("Mill burns at Tarn", [MILL[0], MILL[1].replace("900", "940"), *MILL[2:]])
    assert again("mill")["revised"] == 1
    (row,) = db.execute("select * from analyst.revisions")
    assert (row.version, row.kind, row.title_changed, row.words_added, row.words_removed) == (2, "edit", False, 1, 1)
    assert row.diff == "¶2 " + MILL[1].replace("900", "[-900-] {+940+}")
    assert 0 < row.share_changed < 0.05
    assert row.text_was == "\n\n".join(MILL)
    assert row.seen_before_at < row.found_at
    (article,) = db.execute(
        "select text, published_on::text as day from analyst.articles where url = %(u)s", {"u": f"{HOME}/mill"}
    )
    assert "940 sacks" in article.text
    assert article.day == "2024-01-30"
    assert history(db) == [("revised", None)]
    assert db.execute("select since from analyst.outcomes where url like '%%mill'")[0].since == "revised"


def test_each_change_is_a_version_and_a_change_that_is_undone_is_one_too(
    db: Database, loaded: SmallSite, again: Again
) -> None:
    first = loaded.pages["/mill"]
    for body in (page("Mill burns down at Tarn", MILL), page("Mill burns down at Tarn", MILL[:3]), first):
        loaded.pages["/mill"] = body
        assert again("mill")["revised"] == 1
    rows = db.execute("select version, title_was, title, words_removed from analyst.revisions order by version")
    assert [(r.version, r.title) for r in rows] == [
        (2, "Mill burns down at Tarn"),
        (3, "Mill burns down at Tarn"),
        (4, "Mill burns at Tarn"),
    ]
    assert life(db).revisions == 3


def test_a_correction_and_a_retraction_are_told_from_edits_and_the_retracted_text_stays_readable(
    db: Database, loaded: SmallSite, again: Again
) -> None:
    note = "Correction: An earlier version of this article misstated the number of sacks that burned."
    loaded.pages["/mill"] = page("Mill burns at Tarn", [*MILL, note])
    again("mill")
    (row,) = db.execute("select kind, notice from analyst.revisions")
    assert (row.kind, row.notice) == ("correction", note)
    assert life(db).corrected_at is not None
    gone = [
        "This article has been retracted.",
        "The Gazette could not confirm that there was a fire, and says sorry to Ms Finch and her bakers.",
    ]
    loaded.pages["/mill"] = page("Mill burns at Tarn", gone)
    assert again("mill")["revised"] == 1
    (row,) = db.execute("select kind, share_changed from analyst.revisions where version = 3")
    assert row.kind == "retraction"
    assert row.share_changed > 0.8
    assert life(db).retracted_at is not None
    (article,) = db.execute("select text from analyst.articles where url like '%%mill'")
    assert article.text.startswith(MILL[0])
    assert [what for what, _ in history(db)] == ["revised", "corrected", "revised", "retracted"]
    loaded.pages["/mill"] = page("Mill burns at Tarn", gone, clock="12:05")
    assert again("mill")["same_text"] == 1
    assert db.execute("select since from analyst.outcomes where url like '%%mill'")[0].since == "retracted"


def test_a_404_is_a_removal_when_it_is_confirmed_and_a_page_may_come_back(
    db: Database, loaded: SmallSite, again: Again
) -> None:
    body = loaded.pages.pop("/mill")
    assert again("mill")["missing"] == 1
    assert (life(db).state, life(db).removed_at, history(db)) == ("missing", None, [])
    again("mill")
    assert (life(db).state, life(db).reason) == ("removed", "not_found")
    assert history(db) == [("removed", "not_found")]
    assert db.execute("select since from analyst.outcomes where url like '%%mill'")[0].since == "removed"
    again("mill")
    assert history(db) == [("removed", "not_found")]
    loaded.pages["/mill"] = body
    again("mill")
    assert life(db).state == "online"
    assert history(db) == [("removed", "not_found"), ("returned", None)]
    (article,) = db.execute("select text from analyst.articles where url like '%%mill'")
    assert article.text == "\n\n".join(MILL)


def test_a_410_is_a_removal_at_once_and_so_is_being_led_to_the_front_page_twice(
    db: Database, loaded: SmallSite, again: Again
) -> None:
    loaded.pages |= {"/mill": 410, "/ferry": ("to", f"{HOME}/"), "/": page("The Small Gazette", FERRY)}
    again("mill", "ferry")
    assert history(db) == [("removed", "gone")]
    again("ferry")
    assert history(db) == [("removed", "gone"), ("removed", "redirects")]


def test_a_server_that_fails_removes_nothing(db: Database, loaded: SmallSite, again: Again) -> None:
    loaded.pages["/mill"] = 503
    assert again("mill")["failed"] == 1
    row = life(db)
    assert (row.state, row.reason, row.removed_at) == ("failed", "server_error", None)
    assert history(db) == []


def test_another_page_under_the_same_address_does_not_become_the_article(
    db: Database, loaded: SmallSite, again: Again
) -> None:
    loaded.pages["/mill"] = page("Night ferry to sail twice", FERRY)
    assert again("mill")["replaced"] == 1
    assert history(db) == [("replaced", None)]
    (article,) = db.execute("select title, text from analyst.articles where url like '%%mill'")
    assert (article.title, article.text) == ("Mill burns at Tarn", "\n\n".join(MILL))


def test_a_page_that_has_lost_its_text_is_unreadable_and_the_article_stays(
    db: Database, loaded: SmallSite, again: Again
) -> None:
    loaded.pages["/mill"] = page("Mill burns at Tarn", [])
    assert again("mill")["unreadable"] == 1
    assert (life(db).state, life(db).reason) == ("unreadable", "no_text")
    assert db.execute("select text from analyst.articles where url like '%%mill'")[0].text == "\n\n".join(MILL)


def test_robots_are_asked_again_when_they_expire_and_heeded(db: Database, loaded: SmallSite, again: Again) -> None:
    db.execute("update mediawatch.robots set expires_at = now()")
    loaded.pages["/robots.txt"] = b"User-agent: *\nDisallow: /mill\n"
    assert again("mill")["failed"] == 1
    assert "/mill" not in loaded.asked
    assert life(db).reason == "robots"


def test_a_revision_moves_an_article_to_the_story_and_the_topics_of_its_new_text(
    db: Database, loaded: SmallSite, again: Again
) -> None:
    (before,) = db.execute("select count(distinct story_id) as stories from analyst.articles")
    assert before.stories == 2
    drug = "Police seized 40 kilograms of fentanyl at the ferry, and fentanyl traffickers were arrested on the quay."
    loaded.pages["/mill"] = page("Night ferry to sail twice", [*FERRY, MILL[0]])
    loaded.pages["/ferry"] = page("Night ferry to sail twice", [drug, *FERRY])
    again("ferry")
    (row,) = db.execute("select topics from analyst.articles where url like '%%ferry'")
    assert row.topics == ["fentanyl"]
    evidence = db.execute("""
        select e.matched, substr(a.text, e.start_at + 1, e.end_at - e.start_at) as cut
        from analyst.evidence e join analyst.articles a using (article_id) where e.zone <> 'title'""")
    assert evidence
    assert [row for row in evidence if row.matched != row.cut] == []
    again("mill")  # keeps one of four paragraphs: the same article, rewritten
    rows = db.execute("select count(distinct story_id) as stories, min(title) as title from analyst.articles")
    assert (rows[0].stories, rows[0].title) == (1, "Night ferry to sail twice")
    assert db.execute("select articles from analyst.stories where articles > 0")[0].articles == 2
    assert db.execute("select * from mediawatch.story_link")
    loaded.pages["/mill"] = page("Mill burns at Tarn", MILL)
    again("mill")
    assert db.execute("select count(distinct story_id) as n from analyst.articles")[0].n == 2
    assert db.execute("select * from mediawatch.story_link") == []
    keys = db.execute("""
        select count(*) as n from mediawatch.story_key k join mediawatch.sketch s using (rank) where k.key <> all (s.keys)""")
    assert keys[0].n == 0


def test_a_feed_that_dates_an_entry_anew_makes_it_due(
    db: Database, settings: Settings, loaded: SmallSite, again: Again
) -> None:
    again()
    db.execute("update mediawatch.refetch set loaded_at = loaded_at - interval '2 hours'")
    loaded.pages["/feed"] = feed("mill", updated="2024-01-31T08:00:00Z")
    loaded.pages["/mill"] = page("Mill burns down at Tarn", MILL)
    run_once(db, settings, "test", force=True)
    (row,) = db.execute("select what, becomes from analyst.entry_changes")
    assert (row.what, row.becomes) == ("updated", "2024-01-31 08:00:00+00")
    assert again()["revised"] == 1
    run_once(db, settings, "test", force=True)
    assert again() == {"articles": 0}


def test_a_feed_that_dates_its_entries_anew_for_nothing_is_heeded_less_and_less(
    db: Database, settings: Settings, loaded: SmallSite, again: Again
) -> None:
    again()
    heard = []
    for hour in range(8):
        db.execute(
            "update mediawatch.refetch set loaded_at = loaded_at - interval '61 minutes', checked_at = checked_at - interval '61 minutes'"
        )
        db.execute("update mediawatch.entry_change set at = at - interval '61 minutes'")
        loaded.pages["/feed"] = feed("mill", updated=f"2024-02-01T{hour:02}:00:00Z")
        run_once(db, settings, "test", force=True)
        heard.append(again()["articles"])
    assert heard == [1, 0, 1, 0, 0, 0, 1, 0]


def test_a_watch_of_no_days_asks_for_nothing(db: Database, settings: Settings, loaded: SmallSite) -> None:
    assert refetch_once(db, replace(settings, refetch_days=0), "test") == {"articles": 0}
    assert db.execute("select * from mediawatch.refetch") == []


def test_archive_files_with_a_fetch_in_the_log_are_kept(
    db: Database, settings: Settings, loaded: SmallSite, again: Again
) -> None:
    again("mill")
    loaded.pages["/mill"] = page("Mill burns down at Tarn", MILL)
    again("mill")
    db.execute("update mediawatch.archive_file set begun_at = now() - interval '9 days'")
    assert maintain(db, settings)["files_removed"] == 0
    versions = db.execute(
        "select * from mediawatch.page_check where result in ('first', 'revised') order by article_id, number"
    )
    bodies = [read(settings.archive_root, Location(r.warc_file, r.warc_offset, r.warc_length)).body for r in versions]
    assert [b"burns down" in body for body in bodies if b"Mill" in body] == [False, True]


def test_a_new_method_is_not_taken_for_an_edit(db: Database, loaded: SmallSite, again: Again) -> None:
    db.execute("insert into generation (stage, version, config_hash, state) values ('extract', '0', '', 'retired')")
    db.execute("""
        update article set text = 'Share this! ' || text, generation_id = (select generation_id from generation where version = '0')
        where url like '%/mill'""")
    loaded.pages["/mill"] = page("Mill burns at Tarn", MILL, clock="12:04")
    assert again("mill")["same_text"] == 1
    loaded.pages["/mill"] = page("Mill burns at Tarn", [MILL[0], MILL[1].replace("900", "940"), *MILL[2:]])
    assert again("mill")["revised"] == 1
    (row,) = db.execute("select words_added, words_removed from analyst.revisions")
    assert (row.words_added, row.words_removed) == (1, 1)


def test_an_article_that_breaks_its_writer_is_told_and_keeps_no_other_back(
    db: Database, loaded: SmallSite, again: Again, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded.pages["/mill"] = page("Mill burns down at Tarn", MILL)
    loaded.pages["/ferry"] = page("Night ferry to sail thrice", FERRY)

    def judge(row: Any, *results: Any) -> Any:
        if "mill" in row.url:
            raise RuntimeError("a bug")
        return real(row, *results)

    real = revise.judge
    monkeypatch.setattr(revise, "judge", judge)
    with pytest.raises(RuntimeError, match="a bug"):
        again("mill", "ferry")
    assert (life(db, "mill").state, life(db, "mill").reason) == ("failed", "internal")
    assert life(db, "ferry").revisions == 1
    assert again() == {"articles": 0}


def test_an_article_whose_reading_ends_the_process_again_and_again_is_set_aside(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    refetch.adopt(db, settings)
    loaded.pages["/mill"] = page("Mill burns down at Tarn", MILL)
    db.execute("update refetch set due_at = now()")
    (shard,) = refetch.claim(db, settings, "test")
    refetch.refetch(db, settings, shard)
    db.execute("update refetch set tries = 3 where stage = 'extract'")
    assert revise.revise(db, settings, shard) == {"articles": 1, "failed": 1}
    (row,) = db.execute("select detail from analyst.page_checks where result = 'failed'")
    assert row.detail == "reading it ended the process"
