"""The subscriptions as a table: state, rhythm and why, and what the last poll said."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

Facts = dict[str, Any]


def table(rows: list[Facts]) -> Table:
    """One line a feed; `rows` are those of analyst.feeds."""
    shown = Table(
        "feed", "format", "state", "every", "why", "last poll", "entries", box=None, header_style="dim", pad_edge=False
    )
    shown.columns[-1].justify = "right"
    shown.columns[0].overflow = "fold"
    for row in rows:
        shown.add_row(
            escape(row["url"]),
            row["format"],
            row["state"],
            duration(row["interval_s"]),
            escape(row["why"]),
            said(row),
            str(row["entries"]),
        )
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
        "not_modified": "304 not modified",
        "same_body": "same body",
        "nothing_new": "nothing new",
        "not_a_feed": "not a feed",
    }
    result = str(words.get(row["last_result"]) or row["last_result"])
    return result + (f": {row['last_reason']}" if row["last_reason"] else "")
