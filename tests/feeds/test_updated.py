"""When a feed says that an item was last changed, in each format that can say it."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from mediawatch.feeds.parse import parse

CHANGED = datetime(2024, 1, 31, 8, tzinfo=timezone.utc)
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><title>a</title><link href="http://a.example/1"/>
<published>2024-01-30T01:00:00Z</published>{}</entry></feed>"""
RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>t</title><item><title>a</title>
<link>http://a.example/1</link><pubDate>Tue, 30 Jan 2024 01:00:00 GMT</pubDate>{}</item></channel></rss>"""
JSON = """{{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [
{{"id": "1", "url": "http://a.example/1", "title": "a", "date_published": "2024-01-30T01:00:00Z"{}}}]}}"""
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>http://a.example/1</loc>{}<news:news><news:publication_date>2024-01-30T01:00:00Z</news:publication_date></news:news></url></urlset>"""


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        (ATOM, "<updated>2024-01-31T08:00:00Z</updated>"),
        (RSS, "<atom:updated>2024-01-31T08:00:00Z</atom:updated>"),
        (JSON, ', "date_modified": "2024-01-31T08:00:00Z"'),
        (SITEMAP, "<lastmod>2024-01-31T08:00:00Z</lastmod>"),
    ],
    ids=["atom", "rss", "json", "sitemap"],
)
def test_the_date_of_the_last_change_is_read_beside_that_of_publication(feed: str, said: str) -> None:
    (entry,) = parse(feed.format(said).encode(), url="http://a.example/feed").entries
    assert entry.updated == CHANGED
    assert entry.published == datetime(2024, 1, 30, 1, tzinfo=timezone.utc)
    (silent,) = parse(feed.format("").encode(), url="http://a.example/feed").entries
    assert silent.updated is None
