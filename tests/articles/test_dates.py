"""Which of a page's dates is believed."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from mediawatch.articles.dates import Times, pick
from mediawatch.articles.structured import Structured
from mediawatch.articles.tree import parse
from mediawatch.models import Moment

FETCHED = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
FEED = datetime(2024, 2, 2, 8, tzinfo=timezone.utc)
ARCHIVE_LINK = "<html><body><p>Text.</p><a href=/2023/11/old-story/>From our archive</a></body></html>"


def _published(
    claims: Structured | None = None,
    text: str = "",
    url: str = "https://example.com/a",
    markup: str = "<html><body><p>x</p></body></html>",
    claimed: datetime | None = None,
) -> Moment | None:
    tree = parse(markup)
    assert tree is not None
    return pick(tree, claims or Structured(), text, url, FETCHED, claimed)[0]


def _day(found: Moment | None) -> tuple[str, str] | None:
    return (str(found.at.date()), found.origin) if found else None


def test_the_order_is_structured_then_text_then_url_then_elements_then_feed() -> None:
    claims = Structured(published=(("json-ld", "2024-01-05T10:00:00Z"),))
    text, url = "Published: 6 January 2024\n\nThe council met.", "https://example.com/2024/01/07/council"
    markup = "<html><body><span class=date>8 January 2024</span><p>The council met.</p></body></html>"
    assert _day(_published(claims, text, url, markup, FEED)) == ("2024-01-05", "json-ld")
    assert _day(_published(None, text, url, markup, FEED)) == ("2024-01-06", "text")
    assert _day(_published(None, "", url, markup, FEED)) == ("2024-01-07", "url")
    assert _day(_published(None, "", markup=markup, claimed=FEED)) == ("2024-01-08", "page")
    assert _day(_published(claimed=FEED)) == ("2024-02-02", "feed")
    assert _published() is None


def test_the_date_of_a_related_link_does_not_beat_the_feeds() -> None:
    assert _day(_published(markup=ARCHIVE_LINK, claimed=FEED)) == ("2024-02-02", "feed")


def test_impossible_dates_are_passed_over() -> None:
    claims = Structured(published=(("json-ld", "2099-01-01"), ("meta", "1246-05-05"), ("meta", "2024-01-05")))
    assert _day(_published(claims)) == ("2024-01-05", "meta")


@pytest.mark.parametrize(
    "line",
    [
        "date 2024-01-31 Representatives from both countries met on Tuesday (January 30)",
        "Published: 31 January 2024",
        "Veröffentlicht am 31. Januar 2024 um 9:30 Uhr",
        "Posted on January 31, 2024 by Ada",
        "January 31, 2024 - The council met.",
        "2024-01-31",
        "BEIJING, Jan. 31, 2024 (Agency) -- Officials of both countries met.",
        "发布时间：2024年1月31日",
    ],
)
def test_a_date_line_at_the_top_dates_the_text(line: str) -> None:
    assert _day(_published(text=f"{line}\n\nThe council met.")) == ("2024-01-31", "text")


@pytest.mark.parametrize(
    "line",
    [
        "On January 31, 2024 the council met.",
        "January 31, 2024 was a dark day for the council.",
        "The council met. Published: 31 January 2024",
        "Beijing and Washington agreed on Jan. 31, 2024 (a Wednesday) to talk.",
    ],
)
def test_a_sentence_on_a_date_is_no_date_line(line: str) -> None:
    assert _published(text=line) is None


def _times(
    published: tuple[tuple[str, str], ...] = (), modified: tuple[tuple[str, str], ...] = (), url: str = ""
) -> Times:
    tree = parse("<html><body><p>x</p></body></html>")
    assert tree is not None
    return pick(tree, Structured(published=published, modified=modified), "", url, FETCHED, None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [("0001-01-01", "year 1"), ("1246-05-05", "before the web"), ("2099-01-01", "after the fetch")],
)
def test_an_impossible_date_is_set_aside_with_its_reason(raw: str, reason: str) -> None:
    found = _times((("json-ld", raw), ("meta", "2024-01-05")))
    assert _day(found.published) == ("2024-01-05", "meta")
    assert [(aside.field, aside.origin, aside.reason) for aside in found.asides] == [("published", "json-ld", reason)]
    assert found.asides[0].value.startswith(raw)


def test_day_and_month_are_changed_where_that_puts_a_future_date_just_before_the_fetch() -> None:
    found = _times((("meta", "2024-12-02"),))
    assert _day(found.published) == ("2024-02-12", "meta")
    assert [aside.reason for aside in found.asides] == ["after the fetch"]
    assert _times((("meta", "2024-12-01"),)).published is None  # 12 January is not just before


def test_a_date_in_figures_is_the_last_one_before_the_fetch() -> None:
    assert _day(_published(Structured(published=(("meta", "01/02/2024"),)))) == ("2024-02-01", "meta")
    assert _day(_published(Structured(published=(("meta", "04/02/2024"),)))) == ("2024-02-04", "meta")


def test_two_sources_that_agree_outvote_the_first() -> None:
    claims = (("json-ld", "2024-01-20T10:00:00Z"), ("meta", "2024-01-05T10:00:00Z"), ("time", "2024-01-05"))
    found = _times(claims)
    assert _day(found.published) == ("2024-01-05", "meta")
    assert [(aside.origin, aside.reason) for aside in found.asides] == [("json-ld", "not the day of meta")]
    assert _day(_times(claims[:2]).published) == ("2024-01-20", "json-ld")


def test_a_time_without_a_zone_takes_it_from_a_source_with_the_same_time() -> None:
    found = _times((("json-ld", "2024-01-05 10:00:00"), ("meta", "2024-01-05T10:00:00+02:00"))).published
    assert found is not None
    assert (found.at.isoformat(), found.origin, found.zoned) == ("2024-01-05T10:00:00+02:00", "json-ld", True)


def test_a_modification_before_the_publication_is_set_aside() -> None:
    found = _times((("meta", "2024-02-05"),), (("meta", "2024-01-01"), ("time", "2024-02-06")))
    assert _day(found.modified) == ("2024-02-06", "time")
    assert [(aside.field, aside.reason) for aside in found.asides] == [("modified", "before the publication")]


def test_an_update_line_is_the_modified_date() -> None:
    tree = parse("<html><body><p>x</p></body></html>")
    assert tree is not None
    published, modified, _ = pick(tree, Structured(), "Updated: 31 January 2024\n\nText.", "", FETCHED, FEED)
    assert (_day(published), _day(modified)) == (("2024-02-02", "feed"), ("2024-01-31", "text"))
