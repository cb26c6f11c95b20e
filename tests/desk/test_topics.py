"""The pages of topics: volumes, the words that count, drafts from their first error to the version that tags."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import feedparser
import pytest
from desk_pages import shown, text
from lxml import html
from mediawatch.desk.drafts import changed_lines
from mediawatch.desk.period import latest
from mediawatch.store.database import Database
from small_topic import SMALL
from starlette.testclient import TestClient

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
TEA = """
id: tea
title: Tea
definition: Articles on tea, its fields and its trade.
lists: {tea: {en: [fentanyl*]}}
signals: [{name: tea named, terms: tea, weight: 1, zones: {title: 3}}]
thresholds: {tagged: 1, primary: 3}
tests: [{text: Fentanyl is sold., level: secondary}, {text: It rains., level: none}]
"""


@pytest.fixture
def database_url(corpus_url: str) -> str:
    return corpus_url


def send(reader: TestClient, topic: str, **form: str):  # type: ignore[no-untyped-def]
    return reader.post(f"/mediawatch/topics/{topic}/draft", data=form, headers=SAME_ORIGIN, follow_redirects=False)


def tiles(page: html.HtmlElement) -> dict[str, str]:
    return {text(each.find("dt")): text(each.find("dd/strong")) for each in page.find_class("tile")}


def test_the_list_ends_at_the_newest_article_where_nothing_came_lately(reader: TestClient, db: Database) -> None:
    page = shown(reader, "/mediawatch/topics")
    newest = db.execute("select max(published_at)::date as day from analyst.articles where published_at <= now()")[
        0
    ].day
    assert f"up to the newest article, {newest}" in text(page)
    row = page.xpath("//tr[th/a[text()='Fentanyl']]")[0]
    month = db.execute(
        "select count(*) as n from analyst.articles where 'fentanyl' = any(topics)"
        " and published_on > %(d)s::date - 28 and published_on <= %(d)s",
        {"d": newest},
    )[0].n
    assert [text(each) for each in row.find_class("n")][-1] == str(month)


@pytest.mark.parametrize(
    ("newest", "since", "until"),
    [
        ("2024-05-30", "2024-05-05", "2024-06-02"),
        ("2024-05-03", "2024-04-06", "2024-05-04"),
        (None, "2024-05-05", "2024-06-02"),
    ],
)
def test_a_period_is_up_to_today_unless_a_month_was_empty(newest: str | None, since: str, until: str) -> None:
    moment = datetime.fromisoformat(f"{newest}T12:00:00+00:00") if newest else None
    period = latest(moment, datetime(2024, 6, 1, 12, tzinfo=timezone.utc), 28)
    assert (str(period.since), str(period.until)) == (since, until)


def test_a_topic_shows_the_sentences_that_put_articles_on_it(reader: TestClient, db: Database) -> None:
    page = shown(reader, "/mediawatch/topics/fentanyl")
    first = page.xpath("//ol[@class='results']/li")[0]
    newest = db.execute(
        "select title from analyst.articles where 'fentanyl' = any(topics) order by published_at desc nulls last limit 1"
    )[0].title
    assert text(first.find("h3")) == newest
    assert "fentanyl" in {text(each).lower() for each in first.xpath(".//p[@class='sentence']/mark")}
    assert first.xpath(".//mark/@title")[0].rpartition(": ")[2] != ""


def test_every_article_of_a_topic_is_on_one_of_its_pages(reader: TestClient, db: Database) -> None:
    address, seen = "/mediawatch/topics/us-china", []
    while address:
        page = shown(reader, address)
        seen += page.xpath("//ol[@class='results']/li/h3/a/@href")
        address = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    dated = "select count(*) as n from analyst.articles where 'us-china' = any(topics) and published_at is not null"
    assert len(seen) == len(set(seen)) == db.execute(dated)[0].n


@pytest.mark.usefixtures("writes")
@pytest.mark.parametrize(("by", "expected"), [("articles", 5), ("stories", 1), ("outlets", 5)])
def test_one_wire_story_counts_as_articles_stories_or_outlets(
    reader: TestClient, db: Database, by: str, expected: int
) -> None:
    wire = "select article_id from analyst.articles join analyst.stories s using (story_id) where s.title like 'U.S. puts nine%'"
    db.execute(f"delete from article_topic where topic_id = 'us-china' and article_id not in ({wire})")
    db.execute(f"update article set published_at = '2024-02-15', published_zone_min = 0 where article_id in ({wire})")
    page = shown(reader, f"/mediawatch/topics/us-china?by={by}")
    row = page.xpath("//table[@class='figures']//tr[th[text()='2024-02-15']]")[0]
    assert text(row.xpath("td")[-1]) == str(expected)


@pytest.mark.usefixtures("writes")
def test_precision_and_recall_come_from_the_labels(reader: TestClient, db: Database) -> None:
    assert "Nobody has labelled articles for it" in text(shown(reader, "/mediawatch/topics/fentanyl"))
    on = db.execute("select article_id from analyst.article_topics where topic = 'fentanyl' order by 1 limit 4")
    off = db.execute("select article_id from analyst.articles where not 'fentanyl' = any(topics) order by 1 limit 1")
    for place, row in enumerate([*on, *off]):  # of four tags one is wrong; one article of four was missed
        level = "none" if place == 0 else "primary"
        db.rows("topics.label", topic_id="fentanyl", article_id=row.article_id, level=level, by="ann", note="")
    row = shown(reader, "/mediawatch/topics/fentanyl").xpath("//tr[th[text()='all']]")[0]
    assert [text(each).split("%")[0] for each in row.xpath("td")] == ["5", "75", "75"]


def test_a_topic_can_be_followed_as_an_atom_feed(reader: TestClient, db: Database) -> None:
    answer = reader.get("/mediawatch/topics/sanctions/atom")
    read = feedparser.parse(answer.content)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert not read.bozo
    assert (
        len(read.entries)
        == db.execute("select count(*) as n from analyst.articles where 'sanctions' = any(topics)")[0].n
    )


@pytest.mark.usefixtures("writes")
def test_from_nothing_to_a_topic_that_tags(reader: TestClient, db: Database) -> None:
    begun = reader.get("/mediawatch/new-topic?topic=tea", follow_redirects=False)
    assert begun.headers["location"] == "/mediawatch/topics/tea/draft"
    assert "id: tea" in shown(reader, begun.headers["location"]).xpath("string(//textarea)")
    preview = html.fromstring(send(reader, "tea", body=TEA, do="preview").text)
    on = db.execute(
        "select count(*) as n from analyst.articles where title || text ~* '\\mfentanyl' and published_at is not null"
    )[0].n
    assert tiles(preview)["Added"] == str(on)
    assert db.execute("select 1 from topic where topic_id = 'tea'") == []
    saved = send(reader, "tea", body=TEA, do="save", note="a first try")
    assert saved.headers["location"] == "/mediawatch/topics/tea/versions/1?saved=1"
    assert "does not tag yet" in text(shown(reader, saved.headers["location"]))
    assert db.rows("topics.versions", topic_id="tea")[0][2:5:2] == ("draft", "ann")
    activate = "/mediawatch/topics/tea/versions/1"
    assert reader.post(activate, headers=SAME_ORIGIN).status_code == 422
    done = reader.post(activate, data={"sure": "true"}, headers=SAME_ORIGIN, follow_redirects=False)
    assert done.status_code == 303
    page = text(shown(reader, done.headers["location"]))
    assert "Version 1, asked for by ann" in page
    assert "0 of 1 range done" in page


def test_a_version_shows_the_lines_that_differ_with_some_around_them() -> None:
    was = "\n".join("abcdefghij")
    assert changed_lines(was, was) == ""
    assert changed_lines(was, was.replace("f", "<f>")) == "…\nd\ne\n<del>f</del>\n<ins>&lt;f&gt;</ins>\ng\nh\n"
    assert changed_lines(was, f"{was}\nk".replace("a\n", "")) == ("<del>a</del>\nb\nc\n…\ni\nj\n<ins>k</ins>\n")


@pytest.mark.usefixtures("writes")
def test_a_draft_shows_what_it_drops_beside_what_tags(reader: TestClient, db: Database) -> None:
    narrower = (
        TEA.replace("id: tea", "id: fentanyl").replace("[fentanyl*]", "[zebra]").replace("Fentanyl is", "Zebra is")
    )
    page = html.fromstring(send(reader, "fentanyl", body=narrower).text)
    on = db.execute(
        "select count(*) as n from analyst.articles where 'fentanyl' = any(topics) and published_at is not null"
    )[0].n
    assert (tiles(page)["Dropped"], tiles(page)["Kept"], tiles(page)["Added"]) == (str(on), "0", "0")


@pytest.mark.usefixtures("writes")
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (TEA.replace("weight: 1", "weight: heavy"), "line 6, column"),
        (TEA.replace("[{name", "[{name: a, {name"), "line 6, column"),
        (TEA.replace("level: secondary", "level: primary"), "fails its own tests"),
        (TEA.replace("id: tea", "id: coffee"), "another id is another topic"),
        ("", "the file is empty"),
        ("a: &x [*x]", "anchors"),
    ],
)
def test_an_error_is_told_with_its_place_and_nothing_is_saved(
    reader: TestClient, db: Database, body: str, told: str
) -> None:
    answer = send(reader, "tea", body=body, do="save")
    page = html.fromstring(answer.text)
    assert answer.status_code == 422
    assert told in text(page.xpath("//*[@role='alert']")[0])
    if "line 6" in told:
        assert text(page.find_class("is-here")[0]).startswith("6 signals:")
    assert page.xpath("string(//textarea)").strip() == body.strip()
    assert db.execute("select 1 from topic where topic_id = 'tea'") == []


def test_an_id_that_is_none_is_refused_with_an_example(reader: TestClient) -> None:
    answer = reader.get("/mediawatch/new-topic?topic=My%20Topic%2F")
    assert answer.status_code == 422
    assert "such as port-strikes" in answer.text
    assert reader.get("/mediawatch/topics/nothing").status_code == 404
    assert reader.get("/mediawatch/topics/No%20thing/draft").status_code == 404


@pytest.mark.usefixtures("writes")
def test_who_may_only_read_saves_and_activates_nothing(desk: Callable[..., TestClient], db: Database) -> None:
    from fastapi import HTTPException

    def refused() -> None:
        raise HTTPException(403, "Forbidden")

    viewer = desk(writing=refused)
    assert not shown(viewer, "/mediawatch/topics").xpath("//main//form")
    assert send(viewer, "harbours", body=SMALL, do="save").status_code == 403
    assert (
        viewer.post("/mediawatch/topics/fentanyl/versions/1", data={"sure": "1"}, headers=SAME_ORIGIN).status_code
        == 403
    )
    assert db.execute("select count(*) as n from topic_version")[0].n == 3


@pytest.mark.usefixtures("writes")
def test_titles_names_and_drafts_are_shown_as_text(reader: TestClient, db: Database) -> None:
    evil = "</textarea></pre><script>alert(1)</script><img src=x onerror=alert(1)>"
    db.execute("update article set title = %(e)s", {"e": evil})
    db.execute("update topic set title = %(e)s, definition = %(e)s", {"e": evil})
    pages = [shown(reader, "/mediawatch/topics"), shown(reader, "/mediawatch/topics/fentanyl")]
    pages.append(html.fromstring(send(reader, "fentanyl", body=evil, note=evil).text))
    for page in pages:
        assert not page.xpath("//main//script | //main//img | //main//@onerror | //@style")
    assert pages[2].xpath("string(//textarea)").strip() == evil
