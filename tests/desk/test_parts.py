"""What pages are made of: marks in foreign text, keyset pages, figures in words, charts."""

from __future__ import annotations

from collections import namedtuple
from datetime import datetime, timedelta, timezone

import pytest
from fastapi import HTTPException
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.desk import charts, page, paging
from mediawatch.desk.marking import Mark, changes, marked, paragraphs

Row = namedtuple("Row", "at number")


def test_marked_text_is_escaped_inside_and_outside_of_its_marks() -> None:
    text = "<b>AT&T</b> fentanyl"
    assert marked(text, [Mark(3, 7, 'by "x"'), Mark(12, 20, css="added")]) == (
        '&lt;b&gt;<mark title="by &#34;x&#34;">AT&amp;T</mark>&lt;/b&gt; <mark class="added">fentanyl</mark>'
    )


@given(st.text("ab<&\n", max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=5))
def test_marks_lose_no_character_and_add_no_markup_of_the_texts(text: str, spans: list[tuple[int, int]]) -> None:
    shown = marked(text, [Mark(*span) for span in spans])
    assert shown.replace("<mark>", "").replace("</mark>", "").unescape() == text  # type: ignore[attr-defined]


def test_a_mark_goes_to_its_paragraph() -> None:
    text = "one\n\ntwo\n \nthree"
    assert list(paragraphs(text, [Mark(5, 8)])) == ["one", "<mark>two</mark>", "three"]


def test_a_diff_is_shown_with_its_changes_marked_and_escaped() -> None:
    assert changes("¶3 gave out [-900-] {+<b>940</b>+} strips\n¶4 {+New.+}") == (
        "¶3 gave out <del>900</del> <ins>&lt;b&gt;940&lt;/b&gt;</ins> strips\n¶4 <ins>New.</ins>"
    )
    assert changes("[- open {+ <i>") == "[- open {+ &lt;i&gt;"


def test_a_page_tells_where_the_next_one_begins_and_the_last_tells_none() -> None:
    rows = [Row(datetime(2024, 2, 1, tzinfo=timezone.utc), number) for number in range(3)]
    first = paging.page(rows, None, lambda row: (row.at, row.number), size=2)
    assert [row.number for row in first.rows] == [0, 1]
    assert first.first
    assert paging.unpack(first.next, 2) == ["2024-02-01 00:00:00+00:00", "1"]
    last = paging.page(rows[2:], first.next, lambda row: (row.at, row.number), size=2)
    assert (last.next, last.first) == (None, False)
    assert paging.unpack(None, 2) == [None, None]


@pytest.mark.parametrize("token", ["x", "!!", paging.pack(["1"]), "bnVsbA", "é"])
def test_what_is_no_token_of_the_list_is_refused(token: str) -> None:
    with pytest.raises(HTTPException) as refusal:
        paging.unpack(token, 2)
    assert refusal.value.status_code == 400


def test_figures_are_said_as_people_say_them() -> None:
    assert [page.span(s) for s in (0, 95, 3600, 90_061, timedelta(seconds=-30), None)] == [
        "0\u00a0s", "1\u00a0min 35\u00a0s", "1\u00a0h", "1\u00a0d 1\u00a0h", "−30\u00a0s", "—",
    ]  # fmt: skip
    assert [page.number(n) for n in (1234567, 0.5, None)] == ["1,234,567", "0.5", "—"]
    noon = datetime(2024, 2, 1, 12, tzinfo=timezone.utc)
    assert [page.clock(moment, precision) for moment, precision in ((noon, "second"), (noon, "day"), (None, None))] == [
        "12:00 UTC", "", "",
    ]  # fmt: skip
    assert [page.percent(n) for n in (0.5, 0.012, 0, None)] == ["50%", "1.2%", "0%", "—"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x", "http:", "http://[", "", None])
def test_an_address_that_a_browser_must_not_follow_is_none(address: str | None) -> None:
    assert page.web(address) is None


def test_a_chart_has_its_axes_its_table_and_nothing_that_the_policy_blocks() -> None:
    drawn = charts.bars("In", "hour", "entries", ["<1>", "2"], [charts.Series("ok", [3, None], "ok")])
    for unwanted in ("style", "script", "onmouse", "<1>"):
        assert unwanted not in drawn.svg
    assert ">hour</text>" in drawn.svg
    assert ">entries</text>" in drawn.svg
    assert "<title>&lt;1&gt;: 3 ok</title>" in drawn.svg
    assert (list(drawn.head), [list(row) for row in drawn.rows]) == (["hour", "ok"], [["<1>", 3], ["2", None]])


@pytest.mark.parametrize(("width", "shown"), [(charts.HALF, 4), (charts.SIDE, 4), (charts.WIDTH, 8)])
def test_labels_of_an_axis_do_not_touch(width: int, shown: int) -> None:
    days = [f"2026-11-{day}" for day in range(18, 26)]
    drawn = charts.bars("In", "day", "entries", days, [charts.Series("ok", [1] * 8)], width=width)
    assert sum(f">{day}</text>" in drawn.svg for day in days) == shown


def test_the_band_of_what_is_normal_is_filled() -> None:
    sides = [charts.Series("low", [1, 1, None], "edge"), charts.Series("high", [3, 3, 3], "edge")]
    drawn = charts.lines("Volume", "day", "articles", ["a", "b", "c"], [*sides, charts.Series("seen", [2, 9, 1])])
    (points,) = drawn.svg.split('points="')[1:]
    assert len(points.split('"')[0].split()) == 4  # both sides of the two days on which both are known


@pytest.mark.parametrize(
    ("most", "expected"), [(0, [0, 1]), (3, [0, 1, 2, 3]), (17, [0, 5, 10, 15, 20]), (100, [0, 50, 100])]
)
def test_an_axis_has_round_whole_numbers(most: float, expected: list[float]) -> None:
    assert charts.ticks(most) == expected
