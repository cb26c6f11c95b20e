"""What the headers of an answer say of its freshness."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.feeds.hints import fresh_s
from mediawatch.models import Response

NOW = datetime(2024, 1, 30, 12, 0, tzinfo=timezone.utc)
URL = "https://pub.example/rss"
ONE = "Tue, 30 Jan 2024 13:00:00 GMT"


def hint(*headers):
    return fresh_s(Response(URL, URL, 200, headers, b"", NOW, 1))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], None),
        ([("cache-control", "public, Max-Age=900")], 900),
        ([("Cache-Control", 'max-age="900"'), ("Age", "300")], 600),
        ([("Cache-Control", "max-age=900"), ("Age", "900")], None),
        ([("Cache-Control", "public"), ("Cache-Control", "max-age=60")], 60),
        ([("Cache-Control", "s-maxage=900")], None),
        ([("Cache-Control", "no-cache, max-age=900")], None),
        ([("Cache-Control", "no-store")], None),
        ([("Cache-Control", "max-age=0"), ("Expires", ONE)], None),
        ([("Cache-Control", "max-age=60"), ("Expires", ONE)], 60),
        ([("Expires", ONE)], 3_600),
        ([("Expires", ONE), ("Date", "Tue, 30 Jan 2024 12:30:00 GMT")], 1_800),
        ([("Expires", ONE), ("Date", "yesterday")], 3_600),
        ([("Expires", "0")], None),
        ([("Expires", "-1")], None),
        ([("Expires", "Thu, 01 Jan 1970 00:00:00 GMT")], None),
    ],
)
def test_cache_control_decides_before_expires(headers, seconds):
    assert hint(*headers) == seconds


NAMES = st.sampled_from(["Cache-Control", "Expires", "Date", "Age"])
VALUES = st.text(max_size=40) | st.from_regex(r"max-age=\d{1,30}", fullmatch=True)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=5))
def test_whatever_a_server_sends_is_a_positive_number_or_nothing(headers):
    found = hint(*headers)
    assert found is None or found > 0
