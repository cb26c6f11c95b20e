"""The page of an event: its stories in time, what they share, and how they differ."""

from __future__ import annotations

import pytest
from desk_pages import shown, text
from mediawatch.store.database import Database
from starlette.testclient import TestClient

SEED = "Countries Concerned Over Fentanyl Trafficking"


@pytest.fixture
def database_url(corpus_url: str) -> str:
    return corpus_url


def event_of(db: Database, title: str) -> int:
    return int(db.execute("select event_id from analyst.stories where title = %(t)s", {"t": title})[0].event_id)


def test_the_two_seed_articles_are_two_stories_of_one_event(reader: TestClient, db: Database) -> None:
    page = shown(reader, f"/mediawatch/events/{event_of(db, SEED)}")
    stories = page.xpath("//ol[@class='results']/li")
    assert len(stories) == 2
    assert SEED in {text(each.find("h3")) for each in stories}
    shared = [text(each).lower() for each in page.xpath("//section[@aria-labelledby='share']//li/span[1]")]
    assert "fentanyl" in shared
    own = [{text(word).lower() for word in each.find_class("word")} for each in stories]
    assert own[0] & own[1] == set()
    assert len(page.xpath("//*[local-name()='circle']")) == 2
    assert "00:00" not in text(page.xpath("//main")[0])  # both pages tell the day alone


@pytest.mark.usefixtures("writes")
def test_a_large_event_is_paged_in_order_of_time(reader: TestClient, db: Database) -> None:
    event = event_of(db, SEED)
    db.execute("update story set event_id = %(e)s where articles > 0", {"e": event})
    total = db.execute("select count(*) as n from story where articles > 0")[0].n
    address, seen = f"/mediawatch/events/{event}", []
    while address:
        page = shown(reader, address)
        seen += [int(each.rpartition("/")[2]) for each in page.xpath("//ol[@class='results']/li/h3/a/@href")]
        address = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    in_time = db.execute(
        "select story_id from story where articles > 0 order by first_published_at nulls last, story_id"
    )
    assert seen == [row.story_id for row in in_time]
    assert len(seen) == total


@pytest.mark.usefixtures("writes")
def test_an_event_that_joined_another_leads_to_it(reader: TestClient, db: Database) -> None:
    db.execute("insert into event_redirect (event_id, into_event_id) values (99999, %(e)s)", {"e": event_of(db, SEED)})
    assert shown(reader, "/mediawatch/events/99999").xpath("//h1")
    assert reader.get("/mediawatch/events/88888").status_code == 404
    assert reader.get("/mediawatch/events/x").status_code == 422


@pytest.mark.usefixtures("writes")
def test_what_articles_say_is_shown_as_text(reader: TestClient, db: Database) -> None:
    evil = "<script>alert(1)</script><b>Zebra</b>"
    event = event_of(db, SEED)
    db.execute("update article set title = %(e)s, text = %(e)s", {"e": evil})
    db.execute("update event set title = %(e)s, terms = array[%(e)s]", {"e": evil})
    db.execute("update source set name = name || %(e)s", {"e": evil})
    page = shown(reader, f"/mediawatch/events/{event}")
    assert text(page.xpath("//h1")[0]) == evil
    assert not page.xpath("//main//script | //main//b")
