"""How much there is, what became of it, and what waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from mediawatch.errors import Reason
from mediawatch.store.database import Database, plain

Facts = dict[str, Any]
MEANINGS = {reason.value: reason.meaning for reason in Reason}
WORDS = ("feeds", "entries", "pages", "articles", "stories", "events")


def status(db: Database) -> Facts:
    """Totals, endings by reason, topics, and what is pending by stage; plain values, for JSON too."""
    return {
        "totals": plain(db.row("status.totals")),
        "endings": [plain(row) for row in db.rows("status.endings")],
        "topics": [plain(row) for row in db.rows("status.topics")],
        "waiting": [plain(row) for row in db.rows("status.waiting")],
    }


def polls_since(db: Database, since: datetime) -> list[Facts]:
    """How the polls since then ended: result, reason, polls, entries, entries_new."""
    return [plain(row) for row in db.rows("status.polls", since=since)]


def render(facts: Facts) -> RenderableType:
    """The totals in one line, then endings, topics and what waits."""
    parts: list[RenderableType] = [totals_line(facts["totals"]), "", endings_table(facts["endings"])]
    parts += ["", topics_table(facts["topics"])]
    for row in facts["waiting"]:
        parts.append(
            f"{row['entries']:,} entries wait for {row['stage']}; the next is ready at {row['next_at']:%F %T} UTC"
        )
    return Group(*parts)


def totals_line(totals: Facts) -> str:
    """`18 feeds → 125 entries → …`, the flow in figures."""
    named = (f"[bold]{totals[word]:,}[/] {word}" for word in WORDS if totals[word] or word != "events")
    return " → ".join(named)


def endings_table(endings: list[Facts]) -> Table:
    """What the entries came to, by reason, with what each reason means."""
    table = Table("outcome", "reason", "entries", "which means", box=None, header_style="dim", pad_edge=False)
    table.columns[2].justify = "right"
    for row in endings:
        meaning = MEANINGS.get(row["reason"], "")
        table.add_row(row["status"], row["reason"] or "", f"{row['entries']:,}", f"[dim]{meaning}[/]")
    return table


def topics_table(topics: list[Facts]) -> Table:
    """Articles and stories on each topic."""
    table = Table("topic", "articles", "main subject of", "stories", box=None, header_style="dim", pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in topics:
        table.add_row(row["topic"], f"{row['articles']:,}", f"{row['primary_articles']:,}", f"{row['stories']:,}")
    return table
