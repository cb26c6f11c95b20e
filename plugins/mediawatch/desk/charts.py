"""Series to pictures: SVG drawn on the server by pygal, coloured by the style sheet, each with the table behind it.

pygal's own style and script are taken out again: the desk's policy blocks both, and one drawing serves the light and
the dark theme.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pygal
from lxml import etree
from markupsafe import Markup
from pygal.style import Style

# pygal's hook for its plug-ins is of a kind that Python has given up: every import that fails would warn of it.
sys.meta_path[:] = [each for each in sys.meta_path if type(each).__name__ != "PluginImportFixer"]

WIDTH, SIDE, HALF = 1240, 840, 620
"""Widths of a drawing over the whole page, two thirds, and half of it: text then has one size everywhere."""
HEIGHT = 240
LABELS = 10
"""Labels on an axis of time, at most."""
TEXT = {WIDTH: 18, SIDE: 15, HALF: 12}
"""Height of text for which there is room: the style sheet enlarges that of a wide drawing in a narrow window."""
_LETTER = 0.6
"""Width of a letter, as a share of its height."""
DENSE = 60
"""With more points on a line than this they would hide it."""
UNSEEN = {"plot tooltip-overlay", "plot text-overlay", "background"}
"""Groups and boxes of pygal's that only its script makes use of."""

Value = float | None


@dataclass(frozen=True)
class Series:
    """Values in the order of the chart's labels; `css` is a colour: main, ok, warn, bad, other, usual, edge (none)."""

    name: str
    values: Sequence[Value]
    css: str = "main"


@dataclass(frozen=True)
class Figure:
    """A chart, as the macro `figure` shows it; `head` and `rows` are the table that says the same."""

    title: str
    svg: Markup
    series: Sequence[Series]
    head: Sequence[str]
    rows: Sequence[Sequence[object]]


def bars(
    title: str,
    x: str,
    y: str,
    labels: Sequence[str],
    series: Sequence[Series],
    height: int = HEIGHT,
    *,
    width: int = WIDTH,
) -> Figure:
    """Stacked bars; `x` and `y` name the axes with their units, `labels` are all different."""
    totals = [sum(value or 0 for value in column) for column in zip(*(each.values for each in series), strict=True)]
    chart = pygal.StackedBar(**_options(x, y, labels, totals, width, height))
    return _figure(chart, title, x, labels, series)


def lines(
    title: str,
    x: str,
    y: str,
    labels: Sequence[str],
    series: Sequence[Series],
    height: int = HEIGHT,
    *,
    width: int = WIDTH,
) -> Figure:
    """Lines; a None interrupts its line. With series named low and high, the band between them is filled."""
    values = [value for each in series for value in each.values if value is not None]
    chart = pygal.Line(**_options(x, y, labels, values, width, height), allow_interruptions=True)
    return _figure(chart, title, x, labels, series)


def spark(labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """The same lines in a cell of a table, without axes: what it shows stands beside it in figures."""
    values = [value for each in series for value in each.values if value is not None]
    bare = dict.fromkeys(("show_x_labels", "show_y_labels", "show_y_guides", "show_x_guides"), False)
    options = _options("", "", labels, values, 160, 36) | {
        "margin": 2,
        "margin_right": 2,
        "spacing": 0,
        "dots_size": 1.8,
    }
    chart = pygal.Line(**options | bare, allow_interruptions=True)
    return _figure(chart, "", "", labels, series).svg


def ticks(most: float, count: int = 4) -> list[float]:
    """Round values from 0 to at least `most`, about `count` steps of 1, 2 or 5 times a power of ten, never below 1."""
    size = 1
    while size * count < most:
        size = size * 5 // 2 if str(size)[0] == "2" else size * 2
    steps = max(1, -int(-most // size))
    return [size * step for step in range(steps + 1)]


def short(value: Value) -> str:
    """1,234,567 → 1.23M."""
    if value is None:
        return ""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def _options(x: str, y: str, labels: Sequence[str], values: Iterable[float], width: int, height: int) -> dict[str, Any]:
    scale = ticks(max(values, default=0))
    step = -(-len(labels) // _fitting(labels, width)) if labels else 1
    text = TEXT.get(width, 12)
    return {
        "width": width,
        "height": height,
        "style": Style(label_font_size=text, major_label_font_size=text, title_font_size=text),
        "css": [],
        "js": [],
        "show_legend": False,
        "truncate_label": -1,
        "margin": 8,
        "margin_right": 40,
        "spacing": 6,
        "dots_size": 2.5 if len(labels) <= DENSE else 1,
        "x_title": x or None,
        "y_title": y or None,
        "x_labels": list(labels),
        "x_labels_major": list(labels)[::step],
        "show_minor_x_labels": False,
        "y_labels": scale,
        "range": (0, scale[-1]),
        "value_formatter": short,
        "no_data_text": "",
    }


def _fitting(labels: Sequence[str], width: int) -> int:
    """How many of the labels stand beside each other without touching."""
    each = (max(map(len, labels)) + 2) * _LETTER * TEXT.get(width, 12)
    return max(1, min(LABELS, int((width - 80) / each)))


def _figure(chart: Any, title: str, x: str, labels: Sequence[str], series: Sequence[Series]) -> Figure:
    for each in series:
        chart.add(each.name, [None if value is None else float(value) for value in each.values])
    rows = list(zip(labels, *(each.values for each in series), strict=True))
    return Figure(title, _cleaned(chart.render_tree(), series), series, [x, *(each.name for each in series)], rows)


# ---- pygal's tree to ours -------------------------------------------------------------------------------------------


def _cleaned(root: Any, series: Sequence[Series]) -> Markup:
    for node in list(root.iter()):
        if node.tag in (etree.Comment, "defs", "style", "script", "title") or node.get("class") in UNSEEN:
            node.getparent().remove(node)
    for node in list(root.iter("desc")):
        if node.get("class") == "value":
            _tell(node, series)
    for node in list(root.iter("desc")):
        node.getparent().remove(node)
    _fill_band(root, [each.name for each in series])
    for index, each in enumerate(series):
        for node in root.xpath(f"//g[contains(@class, 'serie-{index} ')]"):
            node.set("class", f"series {each.css}")
    css = "plot" + {str(WIDTH): " wide", str(SIDE): " side"}.get(root.get("viewBox").split()[2], "")
    if len(series[0].values) > DENSE:
        css += " dense"
    drawn = {"viewBox": root.get("viewBox"), "class": css, "aria-hidden": "true", "focusable": "false"}
    for name in list(root.attrib):
        del root.attrib[name]
    root.attrib.update(drawn)
    return Markup(etree.tostring(root, encoding="unicode"))  # noqa: S704 - lxml escapes the texts of what it serialises


def _tell(value: Any, series: Sequence[Series]) -> None:
    """pygal's hidden description of a point as what a browser shows when it is pointed at."""
    shape, group = value.getprevious(), value
    while "serie-" not in group.get("class", ""):
        group = group.getparent()
    index = int(group.get("class").split("serie-")[1].split()[0])
    label = "".join(value.xpath("following-sibling::desc[@class='x_label'][1]/text()"))
    etree.SubElement(shape, "title").text = f"{label}: {value.text} {series[index].name}"


def _fill_band(root: Any, names: Sequence[str]) -> None:
    if not {"low", "high"} <= set(names):
        return
    dots = {name: _dots(root, names.index(name)) for name in ("low", "high")}
    both = sorted(dots["low"].keys() & dots["high"].keys(), key=float)
    outline = [(x, dots["high"][x]) for x in both] + [(x, dots["low"][x]) for x in reversed(both)]
    if outline:
        band = etree.Element("polygon", {"class": "band", "points": " ".join(f"{x},{y}" for x, y in outline)})
        first = root.xpath("//g[@class='plot']/g[contains(@class, 'serie-')]")[0]
        first.addprevious(band)


def _dots(root: Any, index: int) -> dict[str, str]:
    return {dot.get("cx"): dot.get("cy") for dot in root.xpath(f"//g[contains(@class, 'serie-{index} ')]//circle")}
