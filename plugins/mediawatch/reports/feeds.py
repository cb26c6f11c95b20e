"""The subscriptions as a table: state, rhythm and why, and what the last poll said."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

Facts = dict[str, Any]


def table(rows: list[Facts]) -> Table:
    """One line a feed; `rows` are those of analyst.feeds."""
    shown = Table(box=None, header_style="dim", pad_edge=False)
    shown.add_column("feed", no_wrap=True, ratio=1)
    shown.add_column("every", no_wrap=True)
    shown.add_column("why", no_wrap=True)
    shown.add_column("last poll", no_wrap=True)
    shown.add_column("entries", justify="right")
    for row in rows:
        feed = escape(row["url"].partition("://")[2])
        every = duration(row["interval_s"]) if row["state"] == "active" else row["state"]
        shown.add_row(feed, every, escape(row["why"].partition(";")[0]), said(row), str(row["entries"]))
    return shown


def duration(seconds: int) -> str:
    """`45 s`, `30 min`, `2.5 h`."""
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.3g} h"


def said(row: Facts) -> str:
    """What the last poll came to, in words."""
    if row["last_result"] is None:
        return "not polled yet"
    words = {
        "not_modified": "304",
        "same_body": "same body",
        "nothing_new": "nothing new",
        "not_a_feed": "not a feed",
    }
    result = str(words.get(row["last_result"]) or row["last_result"])
    return str(row["last_reason"] or result)
