"""What is taken for an HTML page."""

from __future__ import annotations

import pytest
from mediawatch.articles.media import is_html

PAGE = b"<!DOCTYPE html><html><body><p>Text.</p></body></html>"


@pytest.mark.parametrize(
    "content_type", ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml", None, "text/plain"]
)
def test_html_is_taken_under_any_type_that_servers_send_it_under(content_type: str | None) -> None:
    assert is_html(PAGE, content_type)
    assert is_html(b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', content_type)


@pytest.mark.parametrize(
    "body", [b"%PDF-1.7 ...", b"\x89PNG\r\n", b"\xff\xd8\xff\xe0", b"PK\x03\x04", b"", b"  \n", bytes(range(1, 9)) * 50]
)
def test_other_bytes_are_refused_whatever_is_declared(body: bytes) -> None:
    assert not is_html(body, "text/html")


@pytest.mark.parametrize("content_type", ["application/pdf", "image/png", "video/mp4", "application/json"])
def test_other_types_are_refused(content_type: str) -> None:
    assert not is_html(PAGE, content_type)


@pytest.mark.parametrize("body", [b"just words", b'{"a": "b"}', b"<rss><channel><title>x</title></channel></rss>"])
def test_text_and_feeds_are_not_html(body: bytes) -> None:
    assert not is_html(body, "text/xml")
