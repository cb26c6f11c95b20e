"""Written dates."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.articles.moments import read


@pytest.mark.parametrize(
    ("raw", "at", "precision"),
    [
        ("2024-01-31", "2024-01-31T00:00:00+00:00", "day"),
        ("2024-01-31T10:20:30Z", "2024-01-31T10:20:30+00:00", "second"),
        ("2024-01-31T10:20:30.123+0530", "2024-01-31T10:20:30+05:30", "second"),
        ("2024-01-31T10:20-06:00", "2024-01-31T10:20:00-06:00", "minute"),
        ("2024-01-31 10:20:30 +0000 UTC", "2024-01-31T10:20:30+00:00", "second"),
        ("2024-01-31T00:00:00+01:00", "2024-01-31T00:00:00+00:00", "day"),
        ("20240131T102030Z", "2024-01-31T10:20:30+00:00", "second"),
        ("20240131", "2024-01-31T00:00:00+00:00", "day"),
        ("1706696430", "2024-01-31T10:20:30+00:00", "second"),
        ("1706696430000", "2024-01-31T10:20:30+00:00", "second"),
        ("Wed, 31 Jan 2024 10:20:30 EST", "2024-01-31T10:20:30-05:00", "second"),
        ("Wednesday, January 31, 2024 at 10:20 pm", "2024-01-31T22:20:00+00:00", "minute"),
        ("Jan. 31st, 2024", "2024-01-31T00:00:00+00:00", "day"),
        ("31. Januar 2024, 10:20 Uhr", "2024-01-31T10:20:00+00:00", "minute"),
        ("31 de enero de 2024", "2024-01-31T00:00:00+00:00", "day"),
        ("1er février 2024", "2024-02-01T00:00:00+00:00", "day"),
        ("31 января 2024", "2024-01-31T00:00:00+00:00", "day"),
        ("2024年1月31日 10:20", "2024-01-31T10:20:00+00:00", "minute"),
        ("31.01.2024", "2024-01-31T00:00:00+00:00", "day"),
        ("31/01/2024", "2024-01-31T00:00:00+00:00", "day"),
        ("01/31/2024", "2024-01-31T00:00:00+00:00", "day"),
    ],
)
def test_a_written_date_is_read_with_its_zone_and_precision(raw: str, at: str, precision: str) -> None:
    found = read(raw, "meta")
    assert found is not None
    assert (found.at.isoformat(), found.precision, found.origin) == (at, precision, "meta")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "soon",
        "5 hours ago",
        "4:11",
        "PT1M48S",
        "2024-02-30",
        "02/03/2024",
        "31 Foo 2024",
        "2024-01-31T25:00Z",
        "2024",
    ],
)
def test_what_is_no_full_date_or_can_be_read_as_two_is_not_read(raw: str) -> None:
    assert read(raw, "meta") is None


@given(st.integers(100_000, 4_000_000_000))
def test_iso_and_rfc_spellings_agree(epoch: int) -> None:
    at = datetime.fromtimestamp(epoch | 1, timezone.utc)  # an odd second is no midnight
    spellings = (at.isoformat(), at.strftime("%a, %d %b %Y %H:%M:%S GMT"), at.strftime("%Y%m%dT%H%M%SZ"))
    assert {found.at for spelling in spellings if (found := read(spelling, "x"))} == {at}


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(raw: str) -> None:
    found = read(raw, "x")
    assert found is None or found.at.tzinfo is not None
