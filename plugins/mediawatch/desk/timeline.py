"""When things came out, as points on an axis of time: a row for each of the first outlets, one for all others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from math import sqrt
from typing import NamedTuple

from lxml import etree
from markupsafe import Markup

from mediawatch.desk.charts import WIDTH, Figure

ROWS = 24
_LETTER = 9.5
"""Room for a letter, in units of the picture: in a narrow window the style sheet enlarges them."""
_ROW = 22
_TOP = 8
_AXIS = 30
_RIGHT = 36
_LONGEST = 38
_MOST_TICKS = 6
_STEPS = [
    *(timedelta(minutes=n) for n in (1, 5, 15, 30)),
    *(timedelta(hours=n) for n in (1, 3, 6, 12)),
    *(timedelta(days=n) for n in (1, 2, 7, 14, 28, 91, 182, 364, 1820, 3640)),
]


class Moment(NamedTuple):
    """One point: the name of its row, when (to the minute or the day), and how much stands behind it (its area)."""

    name: str
    at: datetime
    size: int = 1
    precision: str | None = "minute"

    @property
    def told(self) -> str:
        """When, as far as it is known."""
        return f"{self.at:%Y-%m-%d}" if self.precision == "day" else f"{self.at:%Y-%m-%d %H:%M}"


def timeline(title: str, what: str, moments: Sequence[Moment], size: str = "") -> Figure | None:
    """The picture of `moments`, which are in order of time; None without one. `what` and `size` head the table."""
    if not moments:
        return None
    names = list(dict.fromkeys(moment.name for moment in moments))
    others = len(names) - ROWS + 1 if len(names) > ROWS else 0
    rows = {name: min(place, ROWS - 1) for place, name in enumerate(names)}
    labels = [*names[: ROWS - 1], f"{others:,} more"] if others else names
    height = _TOP + _ROW * len(labels) + _AXIS
    root = etree.Element(
        "svg",
        {"viewBox": f"0 0 {WIDTH} {height}", "class": "plot wide moments", "aria-hidden": "true", "focusable": "false"},
    )
    first, last = moments[0].at, moments[-1].at
    left = _LETTER * min(_LONGEST, max(map(len, labels))) + 8
    axis = _Axis(first, last, left + 16)
    for at in _ticks(first, last):
        _tick(root, axis.x(at), height, _told(at, last - first))
    for place, label in enumerate(labels):
        _line(root, place, label, left)
    for moment in moments:
        _point(root, moment, axis.x(moment.at), rows[moment.name])
    head = ["time (UTC)", what, *([size] if size else [])]
    table = [(m.told, m.name, *([m.size] if size else [])) for m in moments]
    svg = Markup(etree.tostring(root, encoding="unicode"))  # noqa: S704 - lxml escapes the texts of what it serialises
    return Figure(title, svg, [], head, table)


class _Axis(NamedTuple):
    """Times between two places; one moment alone stands at the left, as the first one does."""

    first: datetime
    last: datetime
    left: float

    def x(self, at: datetime) -> float:
        whole = (self.last - self.first).total_seconds()
        share = (at - self.first).total_seconds() / whole if whole else 0.0
        return self.left + share * (WIDTH - self.left - _RIGHT)


def _ticks(first: datetime, last: datetime) -> Iterator[datetime]:
    """Round times between two moments, a few; the first moment itself where none is."""
    whole = last - first
    long = timedelta(days=whole.days // _MOST_TICKS + 1)
    step = next((each for each in _STEPS if whole / each <= _MOST_TICKS), long)
    start = datetime(first.year, first.month, first.day, tzinfo=timezone.utc)
    at = start + step * -(-(first - start) // step)
    if at > last:
        yield first
    while at <= last:
        yield at
        at += step


def _told(at: datetime, whole: timedelta) -> str:
    if whole > timedelta(days=4):
        return f"{at:%Y-%m-%d}"
    return f"{at:%d %b %H:%M}" if at.hour or at.minute else f"{at:%d %b}"


def _tick(root: etree._Element, x: float, height: int, label: str) -> None:
    bottom = height - _AXIS
    etree.SubElement(root, "path", {"class": "guide", "d": f"M{x:.1f} {_TOP} V{bottom}"})
    text = etree.SubElement(
        root, "text", {"class": "tick", "x": f"{x:.1f}", "y": str(bottom + 18), "text-anchor": "middle"}
    )
    text.text = label


def _line(root: etree._Element, place: int, label: str, left: float) -> None:
    y = _TOP + _ROW * place + _ROW // 2
    etree.SubElement(root, "path", {"class": "row", "d": f"M{left + 8:.1f} {y} H{WIDTH - _RIGHT + 16}"})
    text = etree.SubElement(root, "text", {"class": "name", "x": "0", "y": str(y + 4)})
    text.text = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
    etree.SubElement(text, "title").text = label


def _point(root: etree._Element, moment: Moment, x: float, place: int) -> None:
    y = _TOP + _ROW * place + _ROW // 2
    radius = min(10.0, 3.5 + sqrt(moment.size - 1))
    dot = etree.SubElement(root, "circle", {"class": "dot", "cx": f"{x:.1f}", "cy": str(y), "r": f"{radius:.1f}"})
    etree.SubElement(dot, "title").text = f"{moment.told} {moment.name}"
