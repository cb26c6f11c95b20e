"""The page of a story: copies side by side, why they are one, and verdicts that can be taken back."""

from __future__ import annotations

import pytest
from desk_pages import shown, text
from fastapi import HTTPException
from lxml import html
from mediawatch.store.database import Database
from starlette.testclient import TestClient

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
BLACKLIST = "U.S. puts nine Chinese chip-tool makers on export blacklist"


@pytest.fixture
def database_url(corpus_url: str) -> str:
    return corpus_url


def story_of(db: Database, title: str) -> int:
    return int(db.execute("select story_id from analyst.stories where title = %(t)s", {"t": title})[0].story_id)


def article_by(db: Database, story_id: int, source: str) -> int:
    rows = db.execute(
        "select article_id from analyst.articles where story_id = %(s)s and source = %(n)s",
        {"s": story_id, "n": source},
    )
    return int(rows[0].article_id)


def say(reader: TestClient, story_id: int, **form: object) -> html.HtmlElement:
    """What the browser sees after it has sent the form and followed where it leads."""
    address = f"/mediawatch/stories/{story_id}/verdicts"
    answer = reader.post(address, data=form, headers=SAME_ORIGIN, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return shown(reader, answer.headers["location"])


def outlets(page: html.HtmlElement) -> set[str]:
    """The outlets of the table of copies."""
    return {
        text(each).split(" · ")[0] for each in page.xpath("//section[@aria-labelledby='why']//th/span[@class='sub']")
    }


def test_a_story_shows_its_copies_with_the_reason_and_compares_one_of_them(reader: TestClient, db: Database) -> None:
    story = story_of(db, BLACKLIST)
    lead = article_by(db, story, "Lakeside Tribune")
    page = shown(reader, f"/mediawatch/stories/{story}?copy={lead}")
    assert outlets(page) == {"Pacific Dispatch", "Meridian Post", "Lakeside Tribune", "City Courier"}
    row = text(page.xpath("//tr[@class='chosen']")[0])
    assert "cut (lead)" in row
    assert "beside Northwire" in row
    sides = page.xpath("//section[@aria-labelledby='sides']")[0]
    assert [text(each) for each in sides.xpath(".//tr[@class='title']//ins")] == [
        "Chinese chip-tool makers listed by U.S."
    ]
    assert "Analysts differ on the effect" in text(sides.xpath(".//del[contains(., 'Analysts')]")[0])
    assert len(page.xpath("//*[local-name()='circle']")) == 5


@pytest.mark.usefixtures("writes")
def test_not_a_copy_takes_an_article_out_and_undo_brings_it_back(reader: TestClient, db: Database) -> None:
    story = story_of(db, BLACKLIST)
    canonical, city = article_by(db, story, "Northwire"), article_by(db, story, "City Courier")
    page = say(reader, story, do="apart", article=canonical, other=city)
    assert "City Courier" not in outlets(page)
    assert "not a copy" in text(page.xpath("//section[@aria-labelledby='verdicts']")[0])
    assert db.execute("select same, author from analyst.verdicts") == [(False, "ann")]
    assert "City Courier" in outlets(say(reader, story, do="undo", article=canonical, other=city))
    assert db.execute("select * from analyst.verdicts") == []


@pytest.mark.usefixtures("writes")
def test_also_a_copy_takes_an_address(reader: TestClient, db: Database) -> None:
    story = story_of(db, BLACKLIST)
    canonical = article_by(db, story, "Northwire")
    other = db.execute(
        "select article_id, url, source from analyst.articles where title = 'Theatre four switches off the gas'"
    )[0]
    page = say(reader, story, do="also", article=canonical, other=other.url, note="the same, I say")
    assert other.source in outlets(page)
    assert "the same, I say" in text(page.xpath("//section[@aria-labelledby='verdicts']")[0])


@pytest.mark.usefixtures("writes")
def test_an_unknown_address_is_said_so_and_nothing_is_recorded(reader: TestClient, db: Database) -> None:
    story = story_of(db, BLACKLIST)
    form = {"do": "also", "article": article_by(db, story, "Northwire"), "other": "http://nowhere.example/"}
    answer = reader.post(f"/mediawatch/stories/{story}/verdicts", data=form, headers=SAME_ORIGIN)
    assert answer.status_code == 422
    assert "No article is known at http://nowhere.example/." in text(html.fromstring(answer.text))
    assert db.execute("select * from analyst.verdicts") == []


@pytest.mark.usefixtures("writes")
def test_who_may_only_read_sees_no_buttons_and_is_refused(desk, db: Database) -> None:  # type: ignore[no-untyped-def]
    story = story_of(db, BLACKLIST)

    def refused() -> None:
        raise HTTPException(403, "Forbidden")

    viewer = desk(writing=refused)
    assert not shown(viewer, f"/mediawatch/stories/{story}").xpath("//main//form[@method='post']")
    form = {"do": "apart", "article": 1, "other": "2"}
    assert viewer.post(f"/mediawatch/stories/{story}/verdicts", data=form, headers=SAME_ORIGIN).status_code == 403


@pytest.mark.usefixtures("writes")
def test_a_story_that_joined_another_leads_to_it(reader: TestClient, db: Database) -> None:
    story = story_of(db, BLACKLIST)
    db.execute("insert into story_redirect (story_id, into_story_id) values (999999, %(s)s)", {"s": story})
    assert text(shown(reader, "/mediawatch/stories/999999").xpath("//h1")[0]) == BLACKLIST
    assert reader.get("/mediawatch/stories/888888").status_code == 404


@pytest.mark.usefixtures("writes")
def test_a_story_of_a_hundred_copies_is_paged(reader: TestClient, db: Database) -> None:
    story = story_of(db, BLACKLIST)
    undated = "update article set story_id = %(s)s, published_at = case when article_id %% 3 > 0 then published_at end"
    db.execute(undated + " where loaded_at is not null", {"s": story})
    seen, address, pages = [], f"/mediawatch/stories/{story}", 0
    while address:
        page = shown(reader, address)
        seen += page.xpath("//section[@aria-labelledby='why']//tbody//th/a/@href")
        following = page.xpath("//a[@rel='next']/@href")
        address, pages = (following[0] if following else ""), pages + 1
    assert (len(seen), len(set(seen)), pages) == (113, 113, 6)


@pytest.mark.usefixtures("writes")
def test_what_articles_say_is_shown_as_text(reader: TestClient, db: Database) -> None:
    story = story_of(db, BLACKLIST)
    evil = "<script>alert(1)</script><b>x</b>\" onload='"
    db.execute("update article set title = %(e)s, text = text || %(e)s where story_id = %(s)s", {"e": evil, "s": story})
    db.execute("update source set name = %(e)s where name = 'Northwire'", {"e": evil})
    page = shown(reader, f"/mediawatch/stories/{story}")
    assert text(page.xpath("//h1")[0]) == evil
    assert not page.xpath("//main//script | //main//b | //main//@onload | //main//@style")
