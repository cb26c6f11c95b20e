"""Where a homepage's feeds may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.feeds.discover import MOST_LINKED, WELL_KNOWN, candidates, looks_like_feed

HOME = "https://pub.example/"


def urls(body: str, url: str = HOME, origin: str | None = None) -> list[str]:
    return [each.url for each in candidates(body.encode(), url) if origin in (None, each.origin)]


def test_what_is_advertised_comes_first_then_what_is_linked_then_where_feeds_usually_lie() -> None:
    page = """<html><head><link rel="alternate" type="application/rss+xml" href="/world/rss"></head>
    <body><a href="/world/rss">World</a> <a href="/asia/rss.xml#top">Asia</a> <a href="/about">About</a></body></html>"""
    found = candidates(page.encode(), HOME)
    assert [(each.url, each.origin) for each in found[:3]] == [
        ("https://pub.example/world/rss", "advertised"),
        ("https://pub.example/asia/rss.xml", "linked"),
        ("https://pub.example/feed", "well-known"),
    ]
    assert len(found) == 2 + len(WELL_KNOWN)


def test_links_resolve_against_the_base_of_the_page() -> None:
    page = '<base href="https://cdn.pub.example/x/"><a href="feed.xml">feed</a>'
    assert urls(page, origin="linked") == ["https://cdn.pub.example/x/feed.xml"]


@pytest.mark.parametrize("href", ["feed://pub.example/rss", "feed:https://pub.example/rss", "FEED:/rss"])
def test_the_scheme_that_opens_a_reader_is_taken_off(href: str) -> None:
    assert urls(f'<a href="{href}">feed</a>', origin="linked") in (
        ["https://pub.example/rss"],
        ["http://pub.example/rss"],
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://pub.example/rss",
        "https://pub.example/world/feed/",
        "https://pub.example/world.rss",
        "https://pub.example/a/atom.xml",
        "https://pub.example/news.xml",
        "https://pub.example/ausland/index~rss2.xml",
        "https://pub.example/feed.json",
        "https://pub.example/?feed=rss2",
        "https://pub.example/world?a=b&format=rss",
        "https://feeds.pub.example/world",
        "https://rss.pub.example/rdf/rss-en-all",
    ],
)
def test_these_look_like_feeds(url: str) -> None:
    assert looks_like_feed(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://pub.example/",
        "https://pub.example/feedback",
        "https://pub.example/2024/how-rss-works",
        "https://pub.example/sitemap.xml",
        "https://feeds.pub.example/",
        "https://reader.example/subscribe/feed/https%3A%2F%2Fpub.example%2Frss",
        "https://reader.example/add?url=https://pub.example/rss",
        "mailto:feed@pub.example",
    ],
)
def test_these_do_not(url: str) -> None:
    assert not looks_like_feed(url)


def test_a_section_is_looked_into_before_the_whole_site() -> None:
    for page in ("https://pub.example/world", "https://pub.example/world/", "https://pub.example/world/index.html"):
        assert urls("", page)[0] == "https://pub.example/world/feed"
        assert urls("", page)[len(WELL_KNOWN)] == "https://pub.example/feed"
    assert len(urls("", "https://pub.example")) == len(WELL_KNOWN)


def test_a_page_of_ten_thousand_links_gives_a_bounded_number() -> None:
    page = "".join(f'<a href="/{number}/rss">x</a>' for number in range(10_000))
    assert len(urls(page, origin="linked")) == MOST_LINKED


def test_only_web_addresses_are_candidates() -> None:
    page = '<link rel="alternate" type="application/rss+xml" href="file:///etc/rss"><a href="javascript:rss">x</a>'
    assert set(urls(page)) == {f"{HOME}{path}" for path in WELL_KNOWN}


@given(st.binary(), st.sampled_from(["https://pub.example", "http://[::1]/a", "https://pub.example/a//b;c?d#e"]))
def test_no_bytes_raise_and_no_url_comes_twice(body: bytes, url: str) -> None:
    found = [each.url for each in candidates(body, url)]
    assert len(found) == len(set(found))


@given(st.text())
def test_no_link_raises(href: str) -> None:
    candidates(f'<a href="{href}">x</a><link rel=alternate type=application/rss+xml href="{href}">'.encode(), HOME)
