"""Everything known about one URL, from the feed that announced it to the words that tagged it."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from mediawatch.alerts.message import many

Facts = dict[str, Any]


def render(facts: Facts) -> RenderableType:
    """One entry: where it was announced, what became of it, its article, story and topics."""
    entry = facts["entry"]
    parts: list[RenderableType] = [
        f"[bold]{escape(entry['title'] or '(no title)')}[/]",
        escape(entry["url"] or "(no link)"),
    ]
    parts.append(f"source {escape(entry['source'])}, first seen {entry['first_seen_at']:%F %T}, {_ending(entry)}")
    parts += _announced(facts["announcements"])
    parts += _ledger(facts["outcomes"])
    if facts["article"]:
        parts += article(facts["article"], facts["links"], facts["topics"])
        parts += [f"  {change['what']} {change['at']:%F %T} {escape(change['detail'])}" for change in facts["changes"]]
    return Group(*parts, "")


def article(row: Facts, links: list[Facts], topics: list[Facts]) -> list[RenderableType]:
    """Title, date, language, story and copies, topics with their evidence."""
    parts: list[RenderableType] = ["", f"[bold]article {row['article_id']}[/]: {escape(row['title'])}"]
    parts.append(
        f"  published {date_of(row)}; language {row['language']}; {row['word_count']:,} words; by {row['engine']}"
    )
    parts += [f"  {line}" for line in fields(row)]
    articles, sources = many(row["story_articles"], "article"), many(row["story_sources"], "source")
    parts.append(f"  story {row['story_id']}: {articles} of {sources}")
    if row["event_stories"]:
        stories = many(row["event_stories"], "story", "stories")
        parts.append(f"  event {row['event_id']}: {stories}, “{escape(row['event_title'])}”")
    for link in links:
        same = "a copy" if link["story_id"] == row["story_id"] else "another story"
        parts.append(
            f"    {same}: {link['kind']}, {link['covered']:.0%} of this is in it ({link['part']}): "
            f"{escape(link['title'])} [dim]({escape(link['source'])}, article {link['article_id']})[/]"
        )
    return parts + [Padding(topic(each), (0, 0, 0, 2)) for each in topics]


def fields(row: Facts) -> list[str]:
    """Where each field was read and how far it is trusted; a line for each date that was not believed."""
    known = row["confidences"]  # none in articles that an early version read
    sure = (f"{name} {known[name]:.2f} {o}" if name in known else f"{name} {o}" for name, o in row["origins"].items())
    return [
        f"{row['kind'].replace('_', ' ')}; how sure each field is, and where from: {escape(', '.join(sure))}",
        *(escape(f"not believed: {a['field']} {a['value']} ({a['origin']}), {a['reason']}") for a in row["asides"]),
    ]


def topic(facts: Facts) -> RenderableType:
    """A tag and the words that caused it."""
    return f"[bold]{facts['topic']}[/] ({facts['level']}, version {facts['version']}): {words(facts['evidence'])}"


def words(evidence: list[Facts]) -> str:
    """The matched words, each once, the heaviest first, with how often."""
    hits: dict[str, list[float]] = {}
    for hit in evidence:
        hits.setdefault(hit["matched"].casefold(), []).append(hit["weight"])
    shown = sorted(hits.items(), key=lambda item: -sum(item[1]))
    return ", ".join(f"“{escape(' '.join(word.split()))}”" + (f" ×{len(w)}" if len(w) > 1 else "") for word, w in shown)


def date_of(row: Facts) -> str:
    """The publication date as precisely as it is known, and where it was read."""
    if row["published_at"] is None:
        return "unknown"
    form = {"day": "%F", "minute": "%F %H:%M UTC", "second": "%F %T UTC"}[row["published_precision"]]
    return f"{format(row['published_at'], form)} (from {row['published_origin']})"


def _announced(announcements: list[Facts]) -> list[RenderableType]:
    return [f"  announced by {escape(row['feed'])} at {row['announced_at']:%F %T}" for row in announcements]


def _ledger(outcomes: list[Facts]) -> list[RenderableType]:
    table = Table("when", "stage", "outcome", "reason", "detail", box=None, header_style="dim", padding=(0, 1))
    for row in outcomes:
        table.add_row(
            f"{row['at']:%F %T}", row["stage"], row["status"], row["reason"] or "", escape(row["detail"][:120])
        )
    return [table] if outcomes else []


def _ending(entry: Facts) -> str:
    if entry["status"] == "pending":
        return f"[yellow]pending: waits for {entry['stage']}[/]"
    return str(entry["status"]) + (f": {entry['reason']}" if entry["reason"] else "")
