"""Replays: a shadow version from the archive, its report, and what analysts see before and after a person decides."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mediawatch.errors import ReplayError
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages.again import refetch_once
from mediawatch.stages.flow import run_once
from mediawatch.stages.maintain import check_balance
from mediawatch.stages.publish import compare, drop, flip, publish
from mediawatch.stages.replay import begin, build, get, parts
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from small_site import HOME, SmallSite, serving
from village_pages import FERRY, MILL, POND, feed, page

Facts = dict[str, list[tuple[Any, ...]]]
DRUG = "Police seized 40 kilograms of fentanyl at the ferry, and fentanyl traffickers were arrested on the quay."


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with serving() as served:
        served.pages = {
            "/feed": feed("mill", "ferry", "pond", "copy", "empty"),
            "/mill": page("Mill burns at Tarn", MILL),
            "/ferry": page("Fentanyl on the night ferry", [DRUG, *FERRY]),
            "/pond": page("Ducks are back on the pond", POND),
            "/copy": page("Ducks return", POND),
            "/empty": page("Nothing", []),
            "/robots.txt": b"User-agent: *\nAllow: /\n",
        }
        yield served


@pytest.fixture
def settings(settings: Settings, site: SmallSite) -> Settings:
    return replace(settings, hosts=site.hosts, refetch_days=36_500, extract_workers=1)


@pytest.fixture
def loaded(db: Database, settings: Settings, site: SmallSite) -> SmallSite:
    subscribe(db, [Subscription(url=f"{HOME}/feed")])
    assert run_once(db, settings, "test")["ok"] == 4
    return site


def built(db: Database, settings: Settings, stage: Any = "extract", **scope: str) -> tuple[int, dict[str, Any]]:
    replay_id = begin(db, settings, stage, "somebody", **scope)
    for part in parts(db, replay_id):
        build(db, settings, replay_id, part)
    return replay_id, compare(db, settings, replay_id)


def seen(db: Database) -> Facts:
    """What analysts see of articles, stories, topics and evidence."""
    queries = {
        "articles": "select article_id, story_id, title, text, published_at, topics, language from analyst.articles order by 1",
        "stories": "select story_id, articles, sources, canonical_article_id from analyst.stories order by 1",
        "topics": "select article_id, topic, level, score, words from analyst.article_topics order by 1, 2",
        "evidence": "select article_id, topic, position, matched, zone, start_at from analyst.evidence order by 1, 2, 3",
        "links": "select article_a, article_b, kind, score from analyst.copies order by 1, 2",
    }
    return {name: [tuple(row) for row in db.execute(query)] for name, query in queries.items()}


def worsen(db: Database) -> None:
    """As if an older method had read the pages: the ferry without its first words, the mill with the wrong day, the copy cut short."""
    db.execute(
        """
        update article set text = replace(text, 'Police seized 40 kilograms of fentanyl at the ferry, and ', ''), generation_id = g.generation_id
        from (insert_old) g where url like '%/ferry'""".replace(
            "(insert_old)", "(select max(generation_id) as generation_id from generation)"
        )
    )
    db.execute("update article set published_at = published_at - interval '3 days' where url like '%/mill'")
    db.execute("update article set text = 'Nineteen ducks. And a heron too.' where url like '%/copy'")
    db.execute("update article set text_sha256 = sha256(convert_to(text, 'UTF8'))")
    db.execute("delete from article_topic where article_id = (select article_id from article where url like '%/ferry')")
    db.execute("update article set topics = '{}' where url like '%/ferry'")


def regrouped(db: Database, settings: Settings) -> None:
    replay_id, _ = built(db, settings, "deduplicate")
    publish(db, settings, replay_id, "test")


@pytest.mark.parametrize("stage", ["extract", "deduplicate", "tag"])
def test_a_replay_under_the_same_methods_changes_nothing_and_says_so(
    stage: str, db: Database, settings: Settings, loaded: SmallSite
) -> None:
    before = seen(db)
    replay_id, report = built(db, settings, stage)
    assert report["outcomes"] == {"same": 4} | ({"none": 1} if stage == "extract" else {})
    assert not any(report["changed"].values())
    assert report["topics"] == []
    assert report["stories"] == {"before": 3, "after": 3, "articles_regrouped": 0}
    assert report["events"]["before"] == report["events"]["after"] > 0
    assert report["events"]["articles_regrouped"] == 0
    assert seen(db) == before
    publish(db, settings, replay_id, "somebody")
    assert seen(db) == before
    check_balance(db)


def test_what_an_older_method_had_read_is_compared_and_seen_only_when_a_person_publishes_it(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    good = seen(db)
    worsen(db)
    regrouped(db, settings)
    bad = seen(db)
    assert bad["stories"] != good["stories"]
    replay_id, report = built(db, settings)
    assert seen(db) == bad
    assert report["outcomes"] == {"changed": 3, "none": 1, "same": 1}
    told = report["changed"]
    assert (told["texts"], told["titles"], told["dates"], told["dates_by_a_day"], told["tagged"]) == (2, 0, 1, 1, 1)
    assert 0 < report["overlap"]["mean"] < 1
    assert report["topics"] == [{"topic": "fentanyl", "come": 1, "gone": 0, "relevelled": 0}]
    assert report["stories"] == {"before": 4, "after": 3, "articles_regrouped": 2}
    assert [row["url"].rpartition("/")[2] for row in report["worst"]] == ["copy", "ferry"]
    counts = publish(db, settings, replay_id, "somebody")
    assert (counts["articles"], counts["texts"], counts["revised_since"]) == (3, 2, 0)
    now = seen(db)
    assert now["articles"] != bad["articles"]
    for name in ("topics", "evidence"):
        assert now[name] == good[name]
    assert [row[2:6] for row in now["articles"]] == [row[2:6] for row in good["articles"]]
    assert sorted(row[1] for row in now["stories"]) == [1, 1, 2]
    assert [row[2:] for row in now["links"]] == [row[2:] for row in good["links"]]
    assert db.execute("select distinct state from mediawatch.generation where stage = 'extract'")[0].state == "live"
    check_balance(db)


def test_a_dropped_replay_leaves_its_report_and_nothing_else(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    worsen(db)
    before = seen(db)
    replay_id, report = built(db, settings)
    drop(db, replay_id, "somebody")
    assert seen(db) == before
    assert db.execute("select count(*) as n from mediawatch.replay_article")[0].n == 0
    row = db.execute("select state, settled_by, report from mediawatch.replay")[0]
    assert (row.state, row.settled_by, row.report["outcomes"]) == ("retired", "somebody", report["outcomes"])
    with pytest.raises(ReplayError, match="is retired"):
        publish(db, settings, replay_id, "somebody")


def test_two_replays_of_the_same_bytes_have_the_same_rows_and_the_same_report(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    worsen(db)
    found = []
    for _ in range(2):
        replay_id, report = built(db, settings)
        found.append((rows_of(db, replay_id), report))
    assert found[0] == found[1]


def test_a_replay_goes_on_where_it_was_killed_and_two_workers_at_one_part_do_no_harm(
    db: Database, settings: Settings, database_url: str, loaded: SmallSite
) -> None:
    settings = replace(settings, batch_entries=2)
    worsen(db)
    _, whole = built(db, settings)
    replay_id = begin(db, settings, "extract", "somebody")
    first, *others = parts(db, replay_id)
    build(db, settings, replay_id, first)
    with pytest.raises(ReplayError, match="pages are left"):
        compare(db, settings, replay_id)
    assert parts(db, replay_id) == others

    def work() -> None:
        with Database(database_url) as mine:
            for part in others:
                build(mine, settings, replay_id, part)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert parts(db, replay_id) == []
    assert compare(db, settings, replay_id) == whole


def test_a_page_that_gave_no_article_and_now_gives_one_goes_through_the_stages(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    entry = db.execute("select entry_id from mediawatch.entry where url like '%%/pond'")[0].entry_id
    others = "(select article_id from mediawatch.article where entry_id = %(e)s)"
    db.execute(
        "update entry set status = 'dropped', reason = 'no_text', article_id = null where entry_id = %(e)s",
        {"e": entry},
    )
    db.execute(f"delete from story_link where article_a in {others} or article_b in {others}", {"e": entry})
    db.execute(f"update story set canonical_article_id = null where canonical_article_id in {others}", {"e": entry})
    db.execute(
        """delete from story_key where rank = (select rank from sketch join article using (article_id) where entry_id = %(e)s)""",
        {"e": entry},
    )
    db.execute("delete from article where entry_id = %(e)s", {"e": entry})
    replay_id, report = built(db, settings)
    assert report["outcomes"] == {"gained": 1, "none": 1, "same": 3}
    assert publish(db, settings, replay_id, "somebody")["gained"] == 1
    assert run_once(db, settings, "later")["ok"] == 1
    (row,) = db.execute("select status, reason from analyst.outcomes where url like '%%/pond'")
    assert (row.status, row.reason) == ("loaded", None)
    assert sorted(r.articles for r in db.execute("select articles from analyst.stories")) == [1, 1, 2]
    check_balance(db)


def test_an_article_that_was_revised_since_is_left_alone(db: Database, settings: Settings, loaded: SmallSite) -> None:
    worsen(db)
    replay_id, _ = built(db, settings)
    loaded.pages["/ferry"] = page("Fentanyl on the night ferry", [DRUG, *FERRY, "Two men were charged on Friday."])
    refetch_once(db, settings, "test", [f"{HOME}/ferry"])
    assert publish(db, settings, replay_id, "somebody")["revised_since"] == 1
    (row,) = db.execute("select text, topics from analyst.articles where url like '%%/ferry'")
    assert row.text.endswith("Two men were charged on Friday.")
    assert row.topics == ["fentanyl"]


def test_a_replay_reads_the_version_that_the_article_has_and_not_the_page_of_a_retraction(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    loaded.pages["/mill"] = page("Mill burns at Tarn", [*MILL, "The mayor called it arson."])
    refetch_once(db, settings, "test", [f"{HOME}/mill"])
    loaded.pages["/mill"] = page(
        "Mill burns at Tarn", ["This article has been retracted.", "We could not confirm what it said, and are sorry."]
    )
    refetch_once(db, settings, "test", [f"{HOME}/mill"])
    loaded.pages["/pond"] = page("Night ferry", FERRY)
    refetch_once(db, settings, "test", [f"{HOME}/pond"])
    _, report = built(db, settings)
    assert report["outcomes"] == {"none": 1, "same": 4}


def test_a_page_that_is_not_in_the_archive_any_more_is_told(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    for file in Path(settings.archive_root).rglob("*.warc.gz"):
        file.unlink()
    _, report = built(db, settings)
    assert report["outcomes"] == {"unread": 5}


def test_a_replay_of_a_range_takes_that_range(db: Database, settings: Settings, loaded: SmallSite) -> None:
    with pytest.raises(ReplayError, match="no archived page of Nobody"):
        begin(db, settings, "extract", "somebody", source="Nobody")
    with pytest.raises(ReplayError, match="no archived page"):
        begin(db, settings, "extract", "somebody", until="2020-01-01")
    day = f"{db.now():%F}"
    _, report = built(db, settings, since=day, until=day)
    assert report["pages"] == 5


def test_a_replay_goes_on_under_the_methods_that_it_was_begun_with_only(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    replay_id, _ = built(db, settings)
    db.execute('update replay set methods = methods || \'{"extract": "0, another engine"}\'')
    with pytest.raises(ReplayError, match=r"begun under other methods \(extract\)"):
        publish(db, settings, replay_id, "somebody")
    drop(db, replay_id, "somebody")


def test_a_copy_that_arrives_while_a_replay_is_published_finds_the_new_text(
    db: Database, settings: Settings, database_url: str, loaded: SmallSite
) -> None:
    worsen(db)
    db.execute("update article set text = 'Nothing like it. Nothing at all.' where url like '%/ferry'")
    regrouped(db, settings)
    replay_id, _ = built(db, settings)
    loaded.pages["/feed"] = feed("reprint")
    loaded.pages["/reprint"] = page("Ferry seizure", [DRUG, *FERRY])
    done = []

    def ingest() -> None:
        with Database(database_url) as mine:
            done.append(run_once(mine, settings, "other", force=True)["ok"])

    thread = threading.Thread(target=ingest)
    with db.transaction():
        flip(db, settings, get(db, replay_id, "draft"))
        thread.start()
        waits = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        deadline = time.monotonic() + 60
        with Database(database_url) as watcher:
            while not watcher.execute(waits) and time.monotonic() < deadline:
                time.sleep(0.05)
        assert done == []
    thread.join()
    assert done == [1]
    (row,) = db.execute("select articles from analyst.stories where title like '%%erry%%' or title like 'Fentanyl%%'")
    assert row.articles == 2


def test_publishing_happens_whole_or_not_at_all(
    db: Database, settings: Settings, loaded: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    worsen(db)
    before = seen(db)
    replay_id, _ = built(db, settings)
    monkeypatch.setattr("mediawatch.stages.publish.reopen", lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        publish(db, settings, replay_id, "somebody")
    assert seen(db) == before
    assert get(db, replay_id, "draft").state == "draft"


@pytest.mark.parametrize("act", [2, 4, 6])
def test_a_build_that_was_killed_and_run_again_leaves_what_an_undisturbed_one_leaves(
    act: int, db: Database, settings: Settings, loaded: SmallSite, worker: Callable[..., Any]
) -> None:
    worsen(db)
    whole, report = built(db, settings)
    replay_id = begin(db, settings, "extract", "somebody")
    (part,) = parts(db, replay_id)
    killed = worker("build replay", replay=replay_id, part=part, die_at=act)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    build(db, settings, replay_id, part)
    assert compare(db, settings, replay_id) == report
    assert rows_of(db, replay_id) == rows_of(db, whole)


@pytest.mark.parametrize("share", [0.3, 0.7, 1.0])
def test_a_publication_that_was_killed_has_done_nothing_and_can_be_done_again(
    share: float, db: Database, settings: Settings, loaded: SmallSite, worker: Callable[..., Any]
) -> None:
    worsen(db)
    before = seen(db)
    replay_id, _ = built(db, settings)
    killed = worker("publish replay", replay=replay_id, die_at=max(2, round(share * 40)))
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert seen(db) == before
    publish(db, settings, replay_id, "somebody")
    assert seen(db)["articles"] != before["articles"]


def rows_of(db: Database, replay_id: int) -> list[Any]:
    rows = db.execute(
        "select to_jsonb(r) - 'replay_id' as row from mediawatch.replay_article r where replay_id = %(r)s order by entry_id",
        {"r": replay_id},
    )
    return [row.row for row in rows]


def test_a_replay_that_changes_nothing_moves_no_event_and_counts_no_word_twice(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    facts = "select a.url, s.event_id, t.stories, md5(t.counts) as counts from analyst.articles a join story s using (story_id), term_count t order by 1"
    before = db.execute(facts)
    replay_id, _ = built(db, settings, "deduplicate")
    publish(db, settings, replay_id, "somebody")
    assert db.execute(facts) == before
    assert len(before) >= 4


def test_an_article_that_the_new_method_does_not_find_is_withdrawn_where_a_person_says_so(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    # as if an older method had taken the empty page for the ducks' third copy
    db.execute("""
        update mediawatch.page p set warc_file = o.warc_file, warc_offset = o.warc_offset, warc_length = o.warc_length
        from mediawatch.page o where p.url like '%/copy' and o.url like '%/empty'""")
    db.execute("delete from mediawatch.page_check")
    pond = db.execute("select story_id, articles from analyst.stories where articles = 2")[0]
    replay_id, report = built(db, settings)
    assert report["outcomes"] == {"lost": 1, "none": 1, "same": 3}
    before = seen(db)
    assert publish(db, settings, replay_id, "somebody")["articles"] == 0
    assert seen(db) == before, "without being asked it withdraws nothing"
    replay_id, _ = built(db, settings)
    assert publish(db, settings, replay_id, "somebody", withdraw_lost=True)["withdrawn"] == 1
    assert [row.url.rpartition("/")[2] for row in db.execute("select url from analyst.articles order by 1")] == [
        "ferry",
        "mill",
        "pond",
    ]
    assert (
        db.execute("select articles from analyst.stories where story_id = %(s)s", {"s": pond.story_id})[0].articles == 1
    )
    (end,) = db.execute("select status, reason, detail from analyst.outcomes where url like '%%/copy'", {})
    assert (end.status, end.reason) == ("dropped", "no_text")
    assert f"withdrawn by replay {replay_id}" in end.detail
    check_balance(db)
    replay_id, report = built(db, settings)
    assert report["outcomes"] == {"none": 2, "same": 3}


def test_the_only_article_of_a_story_takes_its_story_and_event_with_it(
    db: Database, settings: Settings, loaded: SmallSite
) -> None:
    replay_id, _ = built(db, settings)
    db.execute(
        "update mediawatch.replay_article set outcome = 'lost', reason = 'list_page' where article_id in (select article_id from mediawatch.article where url like '%/mill')"
    )
    db.execute(
        "update mediawatch.replay_article set outcome = 'lost', reason = 'extract_limit' where article_id in (select article_id from mediawatch.article where url like '%/pond')"
    )
    assert publish(db, settings, replay_id, "somebody", withdraw_lost=True)["withdrawn"] == 1
    stories = db.execute("select count(*) as n, count(*) filter (where articles = 0) as none from analyst.stories")[0]
    assert tuple(stories) == (2, 0)
    assert (
        db.execute(
            "select count(*) as n from mediawatch.event where articles <> (select coalesce(sum(s.articles), 0) from mediawatch.story s where s.event_id = event.event_id)"
        )[0].n
        == 0
    )
    assert "mill" not in str(seen(db))
    check_balance(db)
