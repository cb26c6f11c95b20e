"""One story with the reason for each of its articles, and two texts side by side."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from mediawatch.alerts.message import many
from mediawatch.reports.explain import date_of

Facts = dict[str, Any]
_CHANGES_SHOWN = 40


def story(facts: Facts) -> RenderableType:
    """Its articles, the canonical one first, with the strongest reason of each; then what shares text and is apart."""
    head = f"[bold]story {facts['story_id']}[/]: {many(len(facts['articles']), 'article')}"
    if facts["agency"]:
        head += f"; from {facts['agency']}"
    if facts["event"]:
        head += f"; event {facts['event']['event_id']}: {escape(facts['event']['title'])}"
    lines: list[RenderableType] = [head]
    for row in facts["articles"]:
        mark = "[green]canonical[/] " if row["is_canonical"] else ""
        lines.append(f"  {mark}{escape(row['title'])} [dim]({escape(row['source'])}, {date_of(row)})[/]")
        lines.append(f"    article {row['article_id']}, {escape(row['url'])}")
        lines += [f"    {_reason(link)}" for link in row["links"][:3]]
        lines += [
            f"    {each['where']} names {each['agency']}: {escape(each['words'])}" for each in row["evidence"][:2]
        ]
    if facts["apart"]:
        lines.append("shares text, and is another story")
        lines += [f"  {_reason(link)}" for link in facts["apart"]]
    for row in facts["verdicts"]:
        said = "also a copy" if row["same"] else "not a copy"
        lines.append(
            f"{escape(row['author'])} said: {row['article_a']} and {row['article_b']}, {said} {escape(row['note'])}"
        )
    return Group(*lines)


def _reason(link: Facts) -> str:
    there = f"article {link['article_id']} of {escape(link['source'])}"
    shares = f"{link['covered']:.0%} of it is there, {link['covered_other']:.0%} of that in it"
    return f"{link['kind']} of {there}, score {link['score']:.2f}: {shares} ({link['part']}, {link['shared']} shingles)"


def changes(facts: Facts, *, published: bool) -> RenderableType:
    """What building all stories anew changes, the largest first."""
    total = f"{facts['stories']:,} stories; {facts['same']:,} as they are"
    lines = [f"{total}, {facts['joined']:,} of several old ones, {facts['split']:,} of a part of one"]
    for change in facts["changes"][:_CHANGES_SHOWN]:
        what = "from stories " + ", ".join(map(str, change["stories"]))
        shown = "; ".join(escape(title) for title in dict.fromkeys(change["titles"]))
        lines.append(f"  {len(change['articles'])} articles {what}: {shown}")
    lines.append("published" if published else "nothing was changed; --publish switches to them")
    return Group(*lines)


def side_by_side(a: Facts, b: Facts) -> RenderableType:
    """Two articles by paragraphs: what only one has is coloured, what both have is dim."""
    table = Table(box=None, pad_edge=False, expand=True, padding=(0, 2, 1, 0))
    for row in (a, b):
        table.add_column(f"{row['source']}: {row['title']}", ratio=1, overflow="fold")
    left, right = (_paragraphs(row["text"]) for row in (a, b))
    for ours, theirs in _aligned(left, right):
        table.add_row(*_coloured(ours, theirs))
    return table


def _paragraphs(text: str) -> list[list[str]]:
    return [line.split() for line in text.split("\n") if line.strip()]


def _aligned(left: list[list[str]], right: list[list[str]]) -> list[tuple[list[str], list[str]]]:
    """Paragraphs in pairs, in order: the most alike face each other, the others face nothing."""
    rows: list[tuple[list[str], list[str]]] = []
    at = 0
    for paragraph in left:
        likeness = [_likeness(paragraph, other) for other in right[at:]]
        best = max(range(len(likeness)), key=likeness.__getitem__, default=None)
        if best is None or likeness[best] < 0.3:
            rows.append((paragraph, []))
            continue
        rows += [([], other) for other in right[at : at + best]]
        rows.append((paragraph, right[at + best]))
        at += best + 1
    return rows + [([], other) for other in right[at:]]


def _likeness(a: list[str], b: list[str]) -> float:
    ours, theirs = set(a), set(b)
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


def _coloured(ours: list[str], theirs: list[str]) -> tuple[Text, Text]:
    left, right = Text(), Text()
    for what, a, a_end, b, b_end in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        same = what == "equal"
        left.append(" ".join(ours[a:a_end]) + " ", "dim" if same else "bold red")
        right.append(" ".join(theirs[b:b_end]) + " ", "dim" if same else "bold green")
    return left, right
