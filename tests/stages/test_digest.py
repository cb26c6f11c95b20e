"""The day in one message, from a real database: counts beside what is usual, what was carried, what was missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from lxml import html
from mediawatch.alerts.message import Message
from mediawatch.errors import AlertError
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages import digest
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from mediawatch.web.channels import Refused
from published import DAY, NOON, happen, month, publish

SETTINGS = replace(Settings(), desk_url="https://desk.example")


def test_a_day_is_told_by_topic_beside_what_is_usual(db: Database) -> None:
    month(db, "sanctions", 4)
    publish(db, NOON, 20, "sanctions", title="Banks listed", source="Three")
    publish(db, NOON, 1, "fentanyl", title="Pills found")
    event = happen(db, "One", "Two")
    made = digest.make(db, SETTINGS, DAY)
    assert made.subject == "mediawatch 2024-01-30: Sanctions 22 (more than usual)"
    for line in (
        "Tuesday, 2024-01-30",
        "22 articles in 3 stories; more than usual: usually 4, 0 to 12 may be expected",
        "* Banks listed\n  Three: 20 articles by 1 publisher\n  https://desk.example/stories/",
        f"* New event: Sites agree (2 publishers)\n  https://desk.example/events/{event}",
        "New on it: Three, Two",
        "FENTANYL\n1 article in 1 story; usually 0, 0 to 4 may be expected",
        "Nothing on: US–China relations",
    ):
        assert line in made.text, line
    page = html.fromstring(made.html)
    assert "Tuesday, 30 January 2024" in page.text_content()
    links = page.xpath("//a/@href")
    assert f"https://desk.example/events/{event}" in links
    assert "https://desk.example/topics/sanctions" in links


def test_copies_of_one_story_are_one_line_with_its_outlets(db: Database) -> None:
    publish(db, NOON, 1, "sanctions", title="The wire story", source="Northwire")
    publish(db, NOON, 2, "sanctions", source="Lakeside")
    publish(db, NOON - timedelta(days=1), 1, "sanctions", source="Early Bird")
    db.execute(
        """with s as (select min(story_id) as id from article)
           update story set articles = 4, sources = 3, agency = 'Northwire' from s where story_id = s.id"""
    )
    db.execute("update article set story_id = (select min(story_id) from article)")
    made = digest.make(db, SETTINGS, DAY, "sanctions")
    assert "Northwire: 3 articles by 2 publishers, from Northwire, 1 more on other days" in made.text
    assert "Lakeside, Northwire" in html.fromstring(made.html).text_content()


def test_an_empty_day_says_so_and_an_unwatched_one_says_that_too(db: Database) -> None:
    made = digest.make(db, SETTINGS, date(2020, 2, 1))
    assert made.subject == "mediawatch 2020-02-01: nothing on any topic"
    for words in ("Nothing was published on any topic", "No feed was watched on this day"):
        assert words in made.text
        assert words in made.html


def test_what_was_missed_is_told(db: Database) -> None:
    subscribe(db, [Subscription("http://a.example/feed"), Subscription("http://b.example/feed")])
    db.execute("update feed set answered_at = now(), created_at = now() - interval '40 days'")
    yesterday = digest.yesterday(db, SETTINGS)
    db.execute(
        """insert into feed_gap select feed_id, %(d)s::timestamptz, %(d)s::timestamptz + interval '12 hours', 900, 3, true
           from feed where url ~ '//a.'""",
        {"d": f"{yesterday}T00:00Z"},
    )
    text = digest.make(db, SETTINGS, yesterday).text
    assert "75.0% of the time of 2 feeds was watched; 1 feed did not answer for a while." in text
    assert "* a.example: 12.0 hours without an answer; entries may have been lost" in text


def test_titles_of_any_script_and_hostile_ones_are_safe(db: Database) -> None:
    titles = ("عقوبات جديدة على البنوك", "制裁名单公布", "<script>alert(1)</script>\r\nBcc: x@y.example")
    for number, title in enumerate(titles):
        publish(db, NOON, 3 - number, "sanctions", title=title)
    made = digest.make(db, SETTINGS, DAY)
    assert "\u2068عقوبات جديدة على البنوك\u2069" in made.text
    assert "制裁名单公布" in made.html
    page = html.fromstring(made.html)
    assert not page.xpath("//script")
    assert "<script>alert(1)</script> Bcc: x@y.example" in page.text_content()
    assert not page.xpath("//@src | //link | //style")  # nothing is loaded from anywhere


def test_the_day_is_that_of_publication_and_its_end_that_of_the_zone(db: Database) -> None:
    publish(db, NOON.replace(hour=23, minute=30), 1, "sanctions", title="Late")
    db.execute("update article set published_zone_min = 120")  # the page is already in the next day
    assert "Late" not in digest.make(db, SETTINGS, DAY).text
    assert "Late" in digest.make(db, SETTINGS, DAY + timedelta(days=1)).text
    ahead = digest.yesterday(db, replace(SETTINGS, digest_zone="Pacific/Kiritimati"))  # UTC+14
    behind = digest.yesterday(db, replace(SETTINGS, digest_zone="Pacific/Pago_Pago"))  # UTC−11
    assert ahead > behind


def test_a_topic_that_is_not_there_is_named(db: Database) -> None:
    with pytest.raises(AlertError, match="there is no topic 'weather': fentanyl, sanctions, us-china"):
        digest.make(db, SETTINGS, DAY, "weather")


def test_a_digest_goes_to_a_channel_once_a_day_and_a_failure_is_tried_again(db: Database) -> None:
    taken: list[Message] = []

    def refuse(url: str, message: Message) -> str:
        raise Refused("503")

    def take(url: str, message: Message) -> str:
        taken.append(message)
        return ""

    with pytest.raises(Refused):
        digest.send_once(db, SETTINGS, DAY, "desk", str, refuse)
    told: list[Any] = [digest.send_once(db, SETTINGS, DAY, "desk", str, take) for _ in range(2)]
    assert (told, len(taken)) == ([True, False], 1)
    assert digest.send_once(db, SETTINGS, DAY + timedelta(days=1), "desk", str, take)
    attempts = db.execute("select what, ok from alert_attempt order by attempt_id")
    assert [tuple(row) for row in attempts] == [
        ("digest 2024-01-30", False),
        ("digest 2024-01-30", True),
        ("digest 2024-01-31", True),
    ]


def test_a_mail_stays_below_what_mail_readers_cut_off(db: Database) -> None:

    month(db, "sanctions", 6)
    for number in range(9):
        publish(db, NOON, 2 + number % 3, "sanctions", "us-china", title="A long headline about banks " * 4)
    made = digest.make(db, SETTINGS, DAY)
    assert len(made.html.encode()) < 60_000
