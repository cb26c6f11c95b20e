"""The list of feeds that is shipped."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files

from lxml import etree
from mediawatch.articles.url import normalise
from mediawatch.feeds.links import is_web_url
from mediawatch.feeds.opml import read

TEXT = (files("mediawatch.data") / "sources.opml").read_bytes()
SOURCES = read(TEXT)
TOPICS = {"fentanyl", "us-china", "sanctions"}


def test_it_holds_web_addresses_each_once() -> None:
    assert 60 <= len(SOURCES) <= 80
    assert all(is_web_url(each.url) and is_web_url(each.homepage) for each in SOURCES)
    keys = Counter(normalise(each.url) for each in SOURCES)
    assert None not in keys
    assert [url for url, times in keys.items() if times > 1] == []


def test_every_feed_has_a_publisher_a_title_and_tags() -> None:
    assert all(each.source and each.title and each.tags for each in SOURCES)
    assert all("/" not in each.source for each in SOURCES)


def test_every_topic_has_feeds_and_so_has_every_language_of_the_project() -> None:
    tags = Counter(tag for each in SOURCES for tag in each.tags)
    assert all(tags[topic] >= 5 for topic in TOPICS)
    assert {"en", "zh", "de", "es", "pt", "ru", "fr"} <= set(tags)


def test_none_claims_to_have_been_checked() -> None:
    marks = {feed.get("checked") for feed in etree.fromstring(TEXT).iter("outline") if feed.get("xmlUrl")}
    assert marks == {"never"}
