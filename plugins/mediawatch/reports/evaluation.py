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


SHARES = ("title_exact", "title_near", "day", "minute", "authors", "errors")


def extraction(facts: dict[str, Any]) -> Group:
    """One line a set and one for all; below, the pages whose bodies are worst."""
    shown = Table(box=None, header_style="dim", pad_edge=False)
    shown.add_column("set", no_wrap=True)
    for name in ("pages", "precision", "recall", "F1", *(share.replace("_", " ") for share in SHARES)):
        shown.add_column(name, justify="right")
    for name, row in (*facts["sets"].items(), ("all", facts["all"])):
        body = [f"{share:.3f}" for share in (row["body"] or {}).values()] or ["", "", ""]
        shares = ["" if row[share] is None else f"{row[share]:.1%}" for share in SHARES]
        shown.add_row(escape(name), f"{row['pages']:,}", *body, *shares)
    worst = Table(box=None, header_style="dim", pad_edge=False, title="worst bodies", title_justify="left")
    for name in ("precision", "recall", "F1"):
        worst.add_column(name, justify="right")
    worst.add_column("page", no_wrap=True)
    for page in facts["worst"]:
        worst.add_row(*(f"{page[name]:.3f}" for name in ("precision", "recall", "f1")), escape(page["url"]))
    return Group(shown, f"{facts['all']['pages_per_s']:,} pages/s", "", worst)


def totals(facts: dict[str, Any]) -> str:
    """All files in one line."""
    rows = facts["feeds"]
    entries, dated, with_url = (sum(row[name] for row in rows) for name in ("entries", "dated", "with_url"))
    read = sum(row["error"] is None for row in rows)
    return (
        f"{read:,} of {len(rows):,} files are feeds: {entries:,} entries, {dated:,} dated, {with_url:,} with a URL; "
        f"{facts['feeds_per_s']:,} files/s"
    )


def stories(facts: dict[str, Any], articles: int) -> Group:
    """Pairs, recall of each kind of copy, and the groups that are most wrong."""
    lines = [f"{articles:,} articles, {facts['articles_per_s']:,} a second"]
    if facts["pairwise"]:
        lines += [_score("pairs", facts["pairwise"]), _score("B-cubed", facts["bcubed"])]
        lines += [f"recall of {kind}: {share:.4f}" for kind, share in facts["recall_by_kind"].items()]
    return Group(*lines, *_worst(facts["worst"]))


def events(facts: dict[str, Any]) -> Group:
    """B-cubed of each set, and the groups that are most wrong."""
    rows = {**facts["sets"], "all": facts["all"]}
    lines = [
        _score(f"{name or 'no set'}, {row['articles']:,} articles", row["bcubed"])
        for name, row in rows.items()
        if row["bcubed"]
    ]
    return Group(*lines, *_worst(facts["worst"]))


def _score(name: str, score: dict[str, float]) -> str:
    return f"{name}: precision {score['precision']:.4f}, recall {score['recall']:.4f}, F1 {score['f1']:.4f}"


def _worst(rows: list[dict[str, Any]]) -> list[str]:
    return [
        f"[red]{row['error']}[/], {row['pairs']} pairs: " + " | ".join(escape(", ".join(ids)) for ids in row["groups"])
        for row in rows
    ]


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
