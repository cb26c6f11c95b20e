"""Aggregators' links: the publisher's address inside is taken out, and what is no wrapper stays as it is."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.feeds.wrappers import is_sealed, unwrap

TARGET = "https://pub.example/2024/01/30/a-story.html?id=7"


def google_news(target: str, path: str = "rss/articles") -> str:
    """A link as Google News wrote them until 2024: fields 1 and 4 of a protocol buffer, then the AMP twin's address."""
    size = len(target)
    length = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
    data = b"\x08\x13\x22" + length + target.encode() + b"\xd2\x01\x04amp!"
    return f"https://news.google.com/{path}/{urlsafe_b64encode(data).decode().rstrip('=')}?oc=5"


@pytest.mark.parametrize(
    "url",
    [
        google_news(TARGET),
        google_news(TARGET, "articles"),
        google_news(TARGET, "read"),
        "https://www.google.com/url?rct=j&sa=t&url=https://pub.example/2024/01/30/a-story.html%3Fid%3D7&ct=ga",
        "https://google.co.uk/url?q=https%3A%2F%2Fpub.example%2F2024%2F01%2F30%2Fa-story.html%3Fid%3D7",
        "http://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fpub.example%2f2024%2f01%2f30%2fa-story.html%3fid%3d7",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fpub.example%2F2024%2F01%2F30%2Fa-story.html%3Fid%3D7&h=x",
    ],
)
def test_the_publishers_address_is_taken_out(url: str) -> None:
    assert unwrap(url) == TARGET
    assert not is_sealed(url)


def test_an_address_of_more_than_127_bytes_is_taken_out_whole() -> None:
    long = TARGET + "&x=" + "y" * 300
    assert unwrap(google_news(long)) == long


@pytest.mark.parametrize(
    "url",
    [
        TARGET,
        "https://pub.example/url?url=https://other.example/",
        "https://www.google.com/search?q=https://pub.example/",
        "https://www.google.com/url?q=javascript:alert(1)",
        "https://www.google.com/url?url=",
        "https://l.facebook.com/other?u=https://pub.example/",
    ],
)
def test_what_wraps_nothing_stays(url: str) -> None:
    assert unwrap(url) == url
    assert not is_sealed(url)


def test_a_link_with_a_token_is_sealed() -> None:
    url = google_news("AU_yqLMfO4pCS-mKBsyVDpLvMvYRBQvLkWdqFUjhQ")
    assert unwrap(url) == url
    assert is_sealed(url)


def test_a_name_and_password_inside_are_not_kept() -> None:
    assert unwrap(google_news("https://me:secret@pub.example/")) == "https://pub.example/"


@given(st.text() | st.binary().map(lambda data: f"https://news.google.com/articles/{urlsafe_b64encode(data).decode()}"))
def test_no_link_raises(url: str) -> None:
    assert isinstance(unwrap(url), str)
    assert is_sealed(url) in (True, False)
