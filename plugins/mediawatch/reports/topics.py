"""Topics for the terminal: what there is, what a topic sees in an article, what a draft changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from mediawatch.models import Evidence, TopicMatch
from mediawatch.topics.definition import TopicDefinition, points
from mediawatch.topics.matcher import Idle, Trace

SHOWN_SENTENCES = 6
LONGEST_SENTENCE = 300


def table(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> Table:
    """Rows as they are, numbers to the right, times by the day and minute."""
    shown = Table(box=None, header_style="dim", pad_edge=False)
    rows = list(rows)
    for name in columns:
        is_number = any(isinstance(row[name], int | float) for row in rows)
        shown.add_column(name.replace("_", " "), justify="right" if is_number else "left")
    for row in rows:
        shown.add_row(*(_cell(row[name]) for name in columns))
    return shown


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    return escape(f"{value:%F %H:%M}" if hasattr(value, "strftime") else str(value))


def verdict(topic: TopicDefinition, trace: Trace) -> str:
    """The level and the points, beside the thresholds."""
    level = "not tagged" if trace.level == "none" else trace.level
    thresholds = f"tagged from {topic.tagged:g}, primary from {topic.primary:g}"
    return f"[bold]{topic.id}[/]: {level}, {points(trace.score)} ({thresholds})"


def trace(topic: TopicDefinition, seen: Trace) -> RenderableType:
    """Each signal with the words that counted for it, and the words that stand there and do not count."""
    shown = Table(box=None, header_style="dim", pad_edge=False)
    for name in ("points", "zone", "words", "signal"):
        shown.add_column(name, justify="right" if name == "points" else "left")
    for item in seen.evidence:
        weight = f"{item.weight:g}" if item.weight else "near"
        shown.add_row(weight, item.zone, escape(" ".join(item.matched.split())), escape(item.signal))
    idle: dict[str, dict[str, None]] = {}
    for each in seen.idle:
        idle.setdefault(each.list, {})[" ".join(each.matched.casefold().split())] = None
    unused = [f"  {escape(name)}: {escape(', '.join(words))}" for name, words in idle.items()]
    parts: list[RenderableType] = [verdict(topic, seen)]
    parts += [shown] if seen.evidence else ["no signal is fulfilled"]
    parts += ["stand there and count for nothing:", *unused] if unused else []
    return Group(*parts)


def article(title: str, text: str, seen: Trace) -> RenderableType:
    """The title and the sentences that the topic sees something in, with its words marked."""
    shown = Text(title, style="bold")
    hits: list[Evidence | Idle] = [*seen.evidence, *seen.idle]
    for item in hits:
        if item.zone == "title":
            shown.stylize("reverse", item.start, item.end)
    parts: list[RenderableType] = [shown]
    marks = sorted((item.start, item.end) for item in hits if item.zone != "title")
    done = -1
    for start, end in marks:
        if start < done or len(parts) > SHOWN_SENTENCES:
            continue
        first = max(text.rfind("\n", 0, start) + 1, start - LONGEST_SENTENCE // 2)
        done = min(text.find("\n", end) if "\n" in text[end:] else len(text), end + LONGEST_SENTENCE // 2)
        passage = Text("… " if first and text[first - 1] != "\n" else "").append(text[first:done])
        offset = len(passage.plain) - (done - first)
        for begin, stop in marks:
            if first <= begin < done:
                passage.stylize("reverse", begin - first + offset, stop - first + offset)
        parts.append(passage)
    return Group(*parts)


def change(facts: dict[str, Any]) -> RenderableType:
    """How many articles a draft adds, drops, raises and lowers, and a sample of each with the words that did it."""
    parts: list[RenderableType] = [
        "{read:,} articles read: {added:,} added, {dropped:,} dropped, {raised:,} now primary, "
        "{lowered:,} no longer primary, {kept:,} as before".format(**facts)
    ]
    for kind, sample in facts["samples"].items():
        parts.append(f"\n[bold]{kind}[/] ({len(sample):,} of {facts[kind]:,})")
        for each in sample:
            parts.append(f"  {escape(each['title'])} [dim]({each['level']}, {each['score']:g})[/]")
            parts.append(f"    {escape(', '.join(each['words']))} [dim]{escape(each['url'])}[/]")
    return Group(*parts)


def words(match: TopicMatch) -> list[str]:
    """The words that earned points, each once, the heaviest first."""
    sums: dict[str, float] = {}
    for item in match.evidence:
        if item.weight:
            word = " ".join(item.matched.casefold().split())
            sums[word] = sums.get(word, 0.0) + item.weight
    return sorted(sums, key=lambda word: (-sums[word], word))
