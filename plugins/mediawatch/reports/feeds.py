"""Feeds for people: the subscriptions with state and rhythm, what a site offers, what a dry poll says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

Facts = dict[str, Any]
WORDS = {"not_modified": "304", "same_body": "same body", "nothing_new": "nothing new", "not_a_feed": "not a feed"}
"""What a poll came to, in words; the other results are words already."""


def table(rows: list[Facts]) -> Table:
    """One line a feed; `rows` are those of analyst.feeds."""
    shown = Table(box=None, header_style="dim", pad_edge=False, expand=True)
    shown.add_column("feed", no_wrap=True, ratio=1)
    shown.add_column("every", no_wrap=True, min_width=7)
    shown.add_column("why", no_wrap=True, max_width=16)
    shown.add_column("last poll", no_wrap=True, min_width=10)
    shown.add_column("entries", justify="right", min_width=7)
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
    return str(row["last_reason"] or WORDS.get(row["last_result"]) or row["last_result"])


def found(feeds: Sequence[Any]) -> Table:
    """What a site offers: one line a feed, with a column for each field of stages.discover.Found."""
    shown = Table(box=None, header_style="dim", pad_edge=False)
    for name in ("feed", "found", "format"):
        shown.add_column(name, no_wrap=True, overflow="fold")
    shown.add_column("entries", justify="right")
    shown.add_column("newest", no_wrap=True)
    shown.add_column("title", no_wrap=True, ratio=1)
    for each in feeds:
        newest = f"{each.newest:%F %H:%M}" if each.newest else ""
        shown.add_row(escape(each.url), each.origin, each.format, f"{each.entries:,}", newest, escape(each.title))
    return shown


def checked(facts: Facts) -> Table:
    """What a dry poll says, one fact a line; `facts` are those of stages.check.Check."""
    shown = Table.grid(padding=(0, 2))
    for name, value in _facts(facts):
        if value:
            shown.add_row(f"[dim]{name}[/]", escape(value))
    return shown


def _facts(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "feed", facts["url"]
    yield "subscribed", facts["subscribed"] or "no"
    for hop in facts["redirects"]:
        yield "redirect", f"{hop['status']} to {hop['location']}"
    said = facts["reason"] or WORDS.get(facts["result"]) or facts["result"]
    yield "a poll says", ", ".join(filter(None, [said, facts["detail"]]))
    if facts["http_status"]:
        yield "answer", f"{facts['http_status']}, {facts['size_bytes']:,} bytes, {facts['elapsed_ms']:,} ms"
    yield "format", facts["format"] or ""
    yield "title", facts["title"]
    yield "notes", "; ".join(facts["notes"])
    yield "advertises", "\n".join(facts["advertised"])
    if facts["format"]:
        newest = f", the newest of {facts['newest']:%F %H:%M %Z}" if facts["newest"] else ""
        yield "entries", f"{facts['entries']:,}, {facts['entries_new']:,} not known yet{newest}"
    interval = f"every {duration(facts['interval_s'])}" if facts["state"] == "active" else facts["state"]
    yield "schedule", f"{interval} ({facts['why']}); next at {facts['next_poll_at']:%F %T} UTC"
