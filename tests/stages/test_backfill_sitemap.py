"""Sitemaps into entries: what is dated in the range is announced once, and everything else is counted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from mediawatch.errors import MediawatchError
from mediawatch.settings import Settings
from mediawatch.stages import claim
from mediawatch.stages.backfill_sitemap import announce_sitemap
from mediawatch.store.database import Database
from small_site import HOME, SmallSite, serving

INDEX = f"{HOME}/sitemap.xml"
SINCE, UNTIL = date(2024, 1, 10), date(2024, 1, 31)


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with serving() as site:
        yield site


@pytest.fixture
def local(settings: Settings, site: SmallSite) -> Settings:
    """Settings that lead to the small site."""
    return replace(settings, hosts=site.hosts)


def urlset(*urls: tuple[str, str]) -> bytes:
    items = "".join(f"<url><loc>{loc}</loc>{f'<lastmod>{at}</lastmod>' if at else ''}</url>" for loc, at in urls)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</urlset>'.encode()


def index(*urls: str) -> bytes:
    items = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</sitemapindex>'.encode()


def test_what_is_dated_in_the_range_is_announced_and_the_rest_counted(
    db: Database, local: Settings, site: SmallSite
) -> None:
    site.pages["/sitemap.xml"] = urlset(
        (f"{HOME}/first", "2024-01-10"),
        (f"{HOME}/last", "2024-01-31T23:59:59Z"),
        (f"{HOME}/last?utm_source=x", "2024-01-31"),
        (f"{HOME}/zone", "2024-01-10T01:00:00+02:00"),
        (f"{HOME}/late", "2024-02-01"),
        (f"{HOME}/undated", ""),
        ("ftp://small.example/x", "2024-01-20"),
    )
    counts = announce_sitemap(db, local, INDEX, SINCE, UNTIL)
    assert counts == {
        "sitemaps": 1,
        "urls": 7,
        "entries_new": 2,
        "known": 1,
        "outside": 2,
        "undated": 1,
        "bad_url": 1,
    }
    entries = db.execute("select url, host, stage, name from entry join source using (source_id) order by url")
    assert [tuple(row) for row in entries] == [
        (f"{HOME}/first", "small.example", "fetch", "small.example"),
        (f"{HOME}/last", "small.example", "fetch", "small.example"),
    ]
    assert len(claim.claim(db, local, "test")) == 1


def test_a_second_run_adds_what_is_new(db: Database, local: Settings, site: SmallSite) -> None:
    site.pages["/sitemap.xml"] = urlset((f"{HOME}/a", "2024-01-20"))
    announce_sitemap(db, local, INDEX, SINCE, UNTIL)
    site.pages["/sitemap.xml"] = urlset((f"{HOME}/a", "2024-01-20"), (f"{HOME}/b", "2024-01-20"))
    counts = announce_sitemap(db, local, INDEX, SINCE, UNTIL)
    assert (counts["entries_new"], counts["known"]) == (1, 1)


def test_an_index_is_followed_each_sitemap_once_and_a_bad_one_is_counted(
    db: Database, local: Settings, site: SmallSite
) -> None:
    site.pages |= {
        "/sitemap.xml": index(f"{HOME}/1.xml", f"{HOME}/2.xml", f"{HOME}/1.xml", INDEX, f"{HOME}/page", f"{HOME}/404"),
        "/1.xml": urlset((f"{HOME}/a", "2024-01-20")),
        "/2.xml": index(f"{HOME}/3.xml"),
        "/3.xml": urlset((f"{HOME}/b", "2024-01-20")),
        "/page": b"<html><p>no sitemap</p></html>",
    }
    counts = announce_sitemap(db, local, INDEX, SINCE, UNTIL)
    assert counts == {"sitemaps": 6, "failed": 2, "urls": 2, "entries_new": 2}
    assert sorted(site.asked) == ["/1.xml", "/2.xml", "/3.xml", "/404", "/page", "/sitemap.xml"]


def test_no_more_sitemaps_are_read_than_wanted_and_those_left_are_told(
    db: Database, local: Settings, site: SmallSite
) -> None:
    site.pages |= {"/sitemap.xml": index(*(f"{HOME}/{n}.xml" for n in range(9)))}
    site.pages |= {f"/{n}.xml": urlset((f"{HOME}/{n}", "2024-01-20")) for n in range(9)}
    counts = announce_sitemap(db, local, INDEX, SINCE, UNTIL, most=4)
    assert (counts["sitemaps"], counts["unread"], counts["entries_new"]) == (4, 6, 3)


@pytest.mark.parametrize(
    ("url", "since", "why"),
    [
        (f"{HOME}/missing.xml", SINCE, "not_found"),
        (f"{HOME}/page", SINCE, "it is no sitemap but html"),
        ("http://127.0.0.1/sitemap.xml", SINCE, "blocked_address"),
        (INDEX, date(2024, 3, 1), "before it begins"),
    ],
)
def test_what_a_person_has_to_put_right_is_said(
    db: Database, local: Settings, site: SmallSite, url: str, since: date, why: str
) -> None:
    site.pages["/page"] = b"<html><p>no sitemap</p></html>"
    with pytest.raises(MediawatchError, match=why):
        announce_sitemap(db, local, url, since, UNTIL)
    assert db.execute("select 1 from entry") == []


@pytest.mark.parametrize(("asks", "asked"), [("1", 3), ("3600", 2)])
def test_a_site_that_asks_for_a_wait_is_waited_for_or_left(
    asks: str, asked: int, db: Database, local: Settings, site: SmallSite
) -> None:
    site.pages |= {"/sitemap.xml": index(*(f"{HOME}/{name}.xml" for name in "abc")), "/a.xml": 429}
    site.headers["Retry-After"] = asks
    began = time.monotonic()
    counts = announce_sitemap(db, local, INDEX, SINCE, UNTIL, most=2)
    assert counts["failed"] == 1
    assert site.asked[1:] == ["/a.xml"] * (asked - 1)
    took_s = time.monotonic() - began
    assert took_s > 1 if asks == "1" else took_s < 600  # an hour is not waited for
    (row,) = db.execute(
        "select hold_until > now() - interval '10 s' as held, why from host where host = 'small.example'"
    )
    assert (row.held, row.why) == (True, "rate_limited: HTTP 429")
