"""What an evaluation measured, for people."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.markup import escape
from rich.table import Table


def feeds(facts: dict[str, Any]) -> Group:
    """One line a file with what was odd about it, and the totals."""
    shown = Table(box=None, header_style="dim", pad_edge=False)
    for name in ("file", "format"):
        shown.add_column(name, no_wrap=True)
    for name in ("entries", "dated", "with URL"):
        shown.add_column(name, justify="right")
    shown.add_column("notes", no_wrap=True, ratio=1)
    for row in facts["feeds"]:
        counts = [f"{row[name]:,}" for name in ("entries", "dated", "with_url")]
        said = f"[red]{escape(row['error'])}[/]" if row["error"] else escape("; ".join(row["notes"]))
        shown.add_row(escape(row["file"]), row["format"], *counts, said)
    return Group(shown, totals(facts))


def totals(facts: dict[str, Any]) -> str:
    """All files in one line."""
    rows = facts["feeds"]
    entries, dated, with_url = (sum(row[name] for row in rows) for name in ("entries", "dated", "with_url"))
    read = sum(row["error"] is None for row in rows)
    return (
        f"{read:,} of {len(rows):,} files are feeds: {entries:,} entries, {dated:,} dated, {with_url:,} with a URL; "
        f"{facts['feeds_per_s']:,} files/s"
    )


def topics(facts: dict[str, Any]) -> Group:
    """A line for each topic and for each language of it, and how many articles differ from their labels."""
    shown = Table(box=None, header_style="dim", pad_edge=False)
    for name in ("topic", "language"):
        shown.add_column(name, no_wrap=True)
    for name in ("precision", "recall", "F1", "primary F1", "positives"):
        shown.add_column(name, justify="right")
    for topic, figures in facts["topics"].items():
        shown.add_row(f"[bold]{escape(topic)}[/]", "all", *_figures(figures))
        for language, each in figures["by_lang"].items():
            shown.add_row("", escape(language), *_figures(each))
    differing = len({error["id"] for error in facts["errors"]})
    return Group(
        shown, f"{differing:,} articles differ from their labels; {facts['articles_per_s']:,.0f} articles/s a core"
    )


def _figures(row: dict[str, Any]) -> list[str]:
    shares = [row[name] for name in ("precision", "recall", "f1", "primary_f1")]
    return [*("–" if share is None else f"{share:.3f}" for share in shares), f"{row['positives']:,}"]
