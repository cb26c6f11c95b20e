"""A site's feeds, asked over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mediawatch.errors import MediawatchError
from mediawatch.settings import Settings
from mediawatch.stages.discover import discover
from small_site import HOME, SmallSite, rss, serving

ALTERNATE = '<link rel="alternate" type="application/rss+xml" href="{}">'


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with serving() as site:
        yield site


def found(site: SmallSite, url: str = f"{HOME}/") -> list[tuple[str, str, int]]:
    settings = Settings(hosts=site.hosts, host_spacing_s=0, host_concurrency=4, extract_workers=1)
    return [(each.url.removeprefix(HOME), each.origin, each.entries) for each in discover(settings, url)]


def test_what_is_advertised_and_linked_is_parsed_and_the_rest_left_alone(site: SmallSite) -> None:
    page = ALTERNATE.format("/world") + ALTERNATE.format("/gone") + '<a href="/asia/rss">Asia</a><a href="/rss">RSS</a>'
    site.pages |= {"/": page.encode(), "/world": rss("a", "b"), "/asia/rss": rss("c"), "/rss": b"<html>All our feeds"}
    assert found(site) == [("/world", "advertised", 2), ("/asia/rss", "linked", 1)]
    assert "/feed.xml" not in site.asked


def test_well_known_paths_are_tried_where_the_page_names_no_feed(site: SmallSite) -> None:
    site.pages |= {"/": b"<html>Welcome</html>", "/atom.xml": rss("a")}
    assert found(site) == [("/atom.xml", "well-known", 1)]


def test_a_feed_behind_several_urls_is_found_once(site: SmallSite) -> None:
    site.pages |= {"/": b"<html></html>", "/feed": ("to", "/rss.xml"), "/rss.xml": rss("a"), "/index.xml": rss("a")}
    assert found(site) == [("/feed", "well-known", 1)]


def test_the_url_of_a_feed_is_its_own_answer(site: SmallSite) -> None:
    site.pages |= {"/odd": rss("a")}
    assert found(site, f"{HOME}/odd") == [("/odd", "given", 1)]


def test_a_site_without_feeds_has_none(site: SmallSite) -> None:
    site.pages |= {"/": b"<html></html>"}
    assert found(site) == []


def test_a_page_that_cannot_be_had_or_may_not_is_an_error_that_says_so(site: SmallSite) -> None:
    with pytest.raises(MediawatchError, match=r"cannot read http://small.example/: not_found"):
        found(site)
    site.pages |= {"/": b"<html></html>", "/robots.txt": b"User-agent: *\nDisallow: /"}
    with pytest.raises(MediawatchError, match=r"its robots.txt disallows it"):
        found(site)
