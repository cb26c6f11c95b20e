"""Labels that are missing or wrong: what the first bytes decide."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.errors import Reason
from mediawatch.models import Response
from mediawatch.web.magic import media_type, not_a_page

AT = datetime(2024, 1, 30, tzinfo=timezone.utc)


def labelled(body, label):
    headers = (("content-type", label),) if label else ()
    return Response("http://a.example/", "http://a.example/", 200, headers, body, AT, 1)


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7 ...",
        b"\x89PNG\r\n\x1a\n....",
        b"\xff\xd8\xff\xe0....",
        b"GIF89a....",
        b"RIFF\x01\x02\x03\x04WEBPVP8 ",
        b"\x00\x00\x00\x18ftypmp42",
        b"PK\x03\x04....",
    ],
)
@pytest.mark.parametrize("label", ["text/html", "text/plain", None])
def test_what_is_no_page_is_refused_whatever_it_is_called(body, label):
    assert not_a_page(labelled(body, label)).reason is Reason.UNSUPPORTED_TYPE


@pytest.mark.parametrize("label", ["text/html", "text/plain; charset=utf-8", None])
@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><p>x",
        b"\xef\xbb\xbf\n<html><body>",
        b"<?xml version='1.0'?><!DOCTYPE html>",
        b"<!-- a -->\n<!-- b --><head>",
    ],
)
def test_html_is_taken_whatever_it_is_called(body, label):
    assert not_a_page(labelled(body, label)) is None


@pytest.mark.parametrize("body", [b"", b"User-agent: *", b"a <p> in plain text", b"<rss version='2.0'>", b"<program>"])
def test_plain_text_stays_plain_text(body):
    assert not_a_page(labelled(body, "text/plain")).detail == "text/plain"
    assert not_a_page(labelled(body, "text/html")) is None


@given(st.binary(max_size=2_000))
def test_any_bytes_are_judged(body):
    not_a_page(labelled(body, "text/plain"))
    assert media_type(b"<" + body) is None or b"ftyp" in body[:8]
