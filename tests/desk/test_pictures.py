"""What the pages draw and set side by side, without a database."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from lxml import etree
from mediawatch.desk.evidence import clipped
from mediawatch.desk.marking import Mark
from mediawatch.desk.sides import side_by_side
from mediawatch.desk.sparkline import sparkline
from mediawatch.desk.timeline import ROWS, Moment, timeline

START = datetime(2024, 2, 1, 12, tzinfo=timezone.utc)


def moments(count: int) -> list[Moment]:
    return [Moment(f"Outlet {n}", START + timedelta(hours=n)) for n in range(count)]


def test_a_timeline_has_a_row_for_each_outlet_and_one_for_the_many() -> None:
    few, many = timeline("T", "outlet", moments(3)), timeline("T", "outlet", moments(100))
    assert few is not None
    assert many is not None
    names = [each.text for each in etree.fromstring(few.svg).iter("text") if each.get("class") == "name"]
    assert names == ["Outlet 0", "Outlet 1", "Outlet 2"]
    names = [each.text for each in etree.fromstring(many.svg).iter("text") if each.get("class") == "name"]
    assert len(names) == ROWS
    assert names[-1] == f"{100 - ROWS + 1} more"
    assert len(many.rows) == len(list(etree.fromstring(many.svg).iter("circle"))) == 100


def test_a_timeline_of_a_moment_and_of_a_century_has_few_ticks() -> None:
    assert timeline("T", "outlet", []) is None
    for apart in (timedelta(0), timedelta(seconds=1), timedelta(hours=5), timedelta(days=3), timedelta(days=36_500)):
        figure = timeline("T", "outlet", [Moment("a", START), Moment("b", START + apart)])
        assert figure is not None
        ticks = [each.text for each in etree.fromstring(figure.svg).iter("text") if each.get("class") == "tick"]
        assert 1 <= len(ticks) <= 8
        assert len(set(ticks)) == len(ticks)


def test_names_in_a_timeline_are_text() -> None:
    figure = timeline("T", "outlet", [Moment("<b>&\"'", START)])
    assert figure is not None
    assert "<b>" not in figure.svg


def test_the_highest_bar_of_a_sparkline_fills_it_and_zero_has_none() -> None:
    drawn = [each.get("height") for each in etree.fromstring(sparkline([0, 5, 10, 0])).iter("rect")]
    assert drawn == ["12.0", "24.0"]
    assert list(etree.fromstring(sparkline([])).iter("rect")) == []


def test_paragraphs_face_each_other_and_differences_are_marked() -> None:
    rows = side_by_side("One.\n\nTwo <i>was</i> here.\n\nEnd.", "One.\n\nTwo is here.\n\nEnd.")
    assert [row.same for row in rows] == [True, False, True]
    assert rows[1].left == "Two<del> &lt;i&gt;was&lt;/i&gt;</del> here."
    assert rows[1].right == "Two<ins> is</ins> here."


def test_a_cut_copy_faces_nothing_where_it_was_cut() -> None:
    rows = side_by_side("One.\n\nTwo.\n\nThree.", "One.")
    assert [(str(row.left), str(row.right)) for row in rows] == [("One.<del>\n\nTwo.\n\nThree.</del>", "One.")]


def test_a_sentence_without_end_is_cut_around_its_first_mark() -> None:
    shown = clipped("a" * 1000 + " word " + "b" * 1000, [Mark(1001, 1005)])
    assert "<mark>word</mark>" in shown
    assert shown.startswith("… a")
    assert shown.endswith("b …")
    assert len(shown) < 500
