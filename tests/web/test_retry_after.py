"""Retry-After in both forms, and in none."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.web.retry_after import LONGEST, retry_at

NOW = datetime(2024, 1, 30, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("Tue, 30 Jan 2024 12:05:00 GMT", timedelta(minutes=5)),
        ("Tue, 30 Jan 2024 11:00:00 GMT", timedelta(0)),
        ("Tue, 30 Jan 2024 12:05:00 -0000", timedelta(minutes=5)),
        ("99999999999999999999", LONGEST),
        ("Tue, 30 Jan 2124 12:00:00 GMT", LONGEST),
    ],
)
def test_both_forms_are_read_and_bounded(value, wait):
    assert retry_at(value, NOW) == NOW + wait


@pytest.mark.parametrize("value", [None, "", "soon", "-5", "1.5", "²", "Tue, 99 Jan 2024 12:05:00 GMT"])
def test_what_cannot_be_read_is_none(value):
    assert retry_at(value, NOW) is None


@given(st.text())
def test_no_header_breaks_it(value):
    moment = retry_at(value, NOW)
    assert moment is None or NOW <= moment <= NOW + LONGEST
