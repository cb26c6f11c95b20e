"""How much there is, what became of it, and what waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from mediawatch.errors import Reason
from mediawatch.store.database import Database, plain
from mediawatch.store.ledger import Account, balances

Facts = dict[str, Any]
MEANINGS = {reason.value: reason.meaning for reason in Reason}
GAP_DAYS = 7
COVERAGE = ("silent_feeds", "gaps", "gaps_possibly_missed", "gaps_open")
WORDS = ("feeds", "entries", "pages", "articles", "stories", "events")


def status(db: Database) -> Facts:
    """Totals, endings by reason, topics, what is pending by stage, and coverage; plain values, for JSON too."""
    return {
        "totals": plain(db.row("status.totals")),
        "endings": [plain(row) for row in db.rows("status.endings")],
        "topics": [plain(row) for row in db.rows("status.topics")],
        "waiting": [plain(row) for row in db.rows("status.waiting")],
        "ledger": ledger(db),
        "coverage": plain(db.row("status.coverage", since=db.now() - timedelta(days=GAP_DAYS))),
    }


def ledger(db: Database) -> Facts:
    """{balances, line}: the sum of all entries, and whether each is accounted for."""
    endings = db.rows("status.endings")
    sums = db.row("status.balance")
    assert sums is not None
    found = Account(
        sums.entries,
        sums.loaded,
        {row.reason: row.entries for row in endings if row.status == "dropped"},
        {row.reason: row.entries for row in endings if row.status == "failed"},
        sums.pending,
        lost=sums.without_article,
    )
    return {"balances": balances(sums), "line": str(found)}


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
    parts += ["", ledger_line(facts["ledger"]), coverage_line(facts["coverage"])]
    return Group(*parts)


def ledger_line(ledger: Facts) -> str:
    """The sum of all entries, in red where it does not balance."""
    return str(ledger["line"]) if ledger["balances"] else f"[red]the ledger does not balance: {ledger['line']}[/]"


def coverage_line(coverage: Facts) -> str:
    """Silent feeds and gaps in one line, and where to look."""
    silent, gaps, missed, lasting = (coverage[key] for key in COVERAGE)
    line = (
        f"{silent:,} feeds silent; {gaps:,} gaps in {GAP_DAYS} days, {missed:,} of them may have lost entries; "
        f"{lasting:,} feeds in a gap now"
    )
    return f"{line}: see analyst.silent_feeds, analyst.feed_gaps" if silent or gaps or lasting else line


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
