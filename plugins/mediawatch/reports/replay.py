"""Replays in a table, and the report of one: what publishing it would change."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

Facts = dict[str, Any]
OUTCOMES = {
    "same": "as they are",
    "changed": "changed",
    "lost": "no article by the new method; they stay, unless they are withdrawn with it",
    "gained": "an article where there was none; publishing sends them through the stages",
    "none": "no article, as before",
    "unread": "not in the archive",
}
STATES = {"building": "yellow", "draft": "bold", "live": "green", "retired": "dim"}


def table(rows: list[Facts]) -> RenderableType:
    """All replays, the newest first."""
    if not rows:
        return "no replay was begun yet: `mediawatch replay build`"
    shown = Table("replay", "from", "state", "pages", "left", "begun", "by", "scope", box=None, header_style="dim")
    for row in rows:
        scope = ", ".join(f"{key} {value}" for key, value in row["scope"].items() if value) or "all"
        shown.add_row(
            str(row["replay_id"]),
            row["stage"],
            f"[{STATES[row['state']]}]{row['state']}[/]",
            f"{row['pages']:,}",
            f"{row['waiting']:,}",
            f"{row['begun_at']:%F %R}",
            escape(row["begun_by"]),
            escape(scope),
        )
    return shown


def render(replay_id: int, state: str, report: Facts) -> RenderableType:
    """The report of a replay."""
    stories = report["stories"]
    return Group(
        f"[bold]replay {replay_id}[/] from {report['stage']}, {state}: {report['pages']:,} pages",
        *(f"  {count:>9,}  {OUTCOMES[name]}" for name, count in report["outcomes"].items()),
        *(f"  {row['pages']:>9,}  {row['outcome']}: {row['reason']}" for row in report["reasons"]),
        *_changes(report["changed"], report["overlap"]),
        f"stories: {stories['before']:,} → {stories['after']:,}; "
        f"{stories['articles_regrouped']:,} articles in other company",
        *([_events(report["events"])] if "events" in report else []),
        *map(_topic, report["topics"]),
        *(["", "what changes most"] if report["worst"] else []),
        *map(_worst, report["worst"]),
    )


def _changes(changed: Facts, overlap: Facts) -> list[str]:
    if not any(changed.values()):
        return []
    mean = f", overlap {overlap['mean']:.3f} (a tenth below {overlap['p10']:.3f})" if changed["texts"] else ""
    return [
        f"changed: {changed['texts']:,} texts{mean}; {changed['titles']:,} titles; {changed['tagged']:,} by topics",
        f"dates: {changed['dates']:,} moved, {changed['dates_by_a_day']:,} of them by a day or more; "
        f"{changed['dates_gained']:,} found, {changed['dates_lost']:,} lost",
    ]


def _events(events: Facts) -> str:
    moved = f"{events['articles_regrouped']:,} articles in other company"
    return f"events: {events['before']:,} → {events['after']:,}; {moved}"


def _topic(row: Facts) -> str:
    told = f"{row['come']:,} articles come, {row['gone']:,} go, {row['relevelled']:,} change level"
    return f"topic {row['topic']}: {told}"


def _worst(row: Facts) -> str:
    told = [row["outcome"] + (f" ({row['reason']})" if row["reason"] else "")]
    told += [] if row["overlap"] is None else [f"overlap {row['overlap']:.3f}"]
    told += ["title"] if row["title_changed"] else []
    told += [f"date {row['date_was']} → {row['date']}"] if row["date_was"] != row["date"] else []
    return f"  article {row['article_id']}: {', '.join(told)}  [dim]{escape(row['url'])}[/]"
