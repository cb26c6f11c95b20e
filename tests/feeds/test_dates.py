"""Dates as feeds write them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.feeds.dates import read_date


def at(*parts, hours=0.0):
    return datetime(*parts, tzinfo=timezone(timedelta(hours=hours)))


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("Tue, 30 Jan 2024 09:15:00 +0800", at(2024, 1, 30, 9, 15, hours=8)),
        ("Tue, 30 Jan 2024 09:15:00 GMT", at(2024, 1, 30, 9, 15)),
        ("30 Jan 2024 09:15 -0330", at(2024, 1, 30, 9, 15, hours=-3.5)),
        ("Tue,30 Jan 24 9:15:07 EST", at(2024, 1, 30, 9, 15, 7, hours=-5)),
        ("Sun, 30 Jun 2024 09:15:00 CEST", at(2024, 6, 30, 9, 15, hours=2)),
        ("Sun, 30 Jun 2024 09:15:00 BST", at(2024, 6, 30, 9, 15, hours=1)),
        ("Tue, 30 Jan 2024 09:15:00 IST", at(2024, 1, 30, 9, 15, hours=5.5)),
        ("Tue, 30 Jan 2024 09:15:00", at(2024, 1, 30, 9, 15)),
        ("Tue, 30 Jan 2024 09:15:00 XYZ", at(2024, 1, 30, 9, 15)),
        ("Tue, 30 Jan 2024 03:07 PM EST", at(2024, 1, 30, 15, 7, hours=-5)),
        ("Tue, 30 Jan 2024 12:07 a.m.", at(2024, 1, 30, 0, 7)),
        ("Tue, 30 Jan 2024 23:59:60 GMT", at(2024, 1, 30, 23, 59, 59)),
        ("Tue Jan 30 09:15:00 CST 2024", at(2024, 1, 30, 9, 15, hours=-6)),
        ("Tue Jan 30 2024 09:15:00 GMT+0800 (China Standard Time)", at(2024, 1, 30, 9, 15, hours=8)),
        ("January 30, 2024 9:15 PM", at(2024, 1, 30, 21, 15)),
        ("30-Jan-2024", at(2024, 1, 30)),
    ],
)
def test_rfc_822_and_its_misspellings_keep_their_zone(raw, moment):
    found = read_date(raw)
    assert (found, found.utcoffset()) == (moment, moment.utcoffset())


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2024-01-30T09:15:00Z", at(2024, 1, 30, 9, 15)),
        ("2024-01-30T09:15:00.123456789+08:00", at(2024, 1, 30, 9, 15, 0, 123456, hours=8)),
        ("2024-01-30T09:15:00.5-0500", at(2024, 1, 30, 9, 15, 0, 500000, hours=-5)),
        ("2024-01-30T09:15+08", at(2024, 1, 30, 9, 15, hours=8)),
        ("2024-01-30 09:15:00 +0800", at(2024, 1, 30, 9, 15, hours=8)),
        ("2024-01-30 09:15:00", at(2024, 1, 30, 9, 15)),
        ("2024-01-30", at(2024, 1, 30)),
        ("2024-01-30T24:00:00Z", at(2024, 1, 31)),
        ("20240130T091500Z", at(2024, 1, 30, 9, 15)),
        ("20240130", at(2024, 1, 30)),
        ("2026/7/6 15:07", at(2026, 7, 6, 15, 7)),
        ("1706606100", at(2024, 1, 30, 9, 15)),
        ("1706606100000", at(2024, 1, 30, 9, 15)),
    ],
)
def test_iso_8601_and_its_relatives_keep_their_zone(raw, moment):
    found = read_date(raw)
    assert (found, found.utcoffset()) == (moment, moment.utcoffset())


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("Di, 30 Jan 2024 09:15:00 +0100", at(2024, 1, 30, 9, 15, hours=1)),
        ("Dienstag, 5. März 2024 09:15", at(2024, 3, 5, 9, 15)),
        ("mar., 30 janv. 2024 09:15:00 +0100", at(2024, 1, 30, 9, 15, hours=1)),
        ("15 août 2024", at(2024, 8, 15)),
        ("30 de enero de 2024", at(2024, 1, 30)),
        ("30.01.2024 09:15", at(2024, 1, 30, 9, 15)),
        ("2024年1月30日 09:15", at(2024, 1, 30, 9, 15)),
        ("Tuesday, January 30, 2024 - 09:15", at(2024, 1, 30, 9, 15)),
        ("30/01/2024 09:15", at(2024, 1, 30, 9, 15)),
        ("01/30/2024 9:15 PM", at(2024, 1, 30, 21, 15)),
        ("вт, 30 янв 2024 09:15:00 +0300", at(2024, 1, 30, 9, 15, hours=3)),
        ("5 września 2024", at(2024, 9, 5)),
        ("5 Ağustos 2024 09:15", at(2024, 8, 5, 9, 15)),
    ],
)
def test_local_habits_that_are_unambiguous_are_read(raw, moment):
    assert read_date(raw) == moment


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "yesterday",
        "14",
        "2024",
        "13/13/2024",
        "5 lip 2024",
        "03/04/2024",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "Fri, 01 Jan 1960 00:00:00 GMT",
        "2101-01-01",
        "2024-13-01",
        "2024-02-30",
        "Tue, 30 Jan 2024 25:15:00 GMT",
        "Tue, 30 Jan 2024 09:75:00 GMT",
        "Tue, 30 Jan 2024 13:15 AM",
        "2024-01-30T09:15:00+99:00",
        "0000000000",
        "Tue, 30 Foo 2024 09:15:00 GMT",
        "2024-01-30T09:15:00Z" + " " * 100 + "x",
    ],
)
def test_what_is_no_date_or_an_impossible_one_is_none(raw):
    assert read_date(raw) is None


OFFSETS = st.integers(-15 * 60, 15 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(
    datetime(1990, 1, 2),  # noqa: DTZ001  # hypothesis wants its bounds naive
    datetime(2100, 12, 30),  # noqa: DTZ001
    timezones=OFFSETS,
)


@given(MOMENTS)
def test_every_moment_in_iso_8601_comes_back_as_it_was(moment):
    found = read_date(moment.isoformat())
    assert (found, found.utcoffset()) == (moment, moment.utcoffset())


@given(MOMENTS)
def test_every_moment_in_rfc_2822_comes_back_as_it_was(moment):
    found = read_date(format_datetime(moment))
    assert (found, found.utcoffset()) == (moment.replace(microsecond=0), moment.utcoffset())


@given(st.text() | st.from_regex(r"[0-9A-Za-z:+., /-]{1,30}", fullmatch=True))
def test_no_text_breaks_it_and_every_result_is_aware_and_plausible(raw):
    found = read_date(raw)
    assert found is None or (found.tzinfo is not None and 1990 <= found.year <= 2100)
