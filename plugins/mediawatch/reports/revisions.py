"""An article's life after it was loaded: when it was looked at, and what each revision took out and put in."""

from __future__ import annotations

import re
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from mediawatch.store.database import Database, plain

Facts = dict[str, Any]
MARKED = re.compile(r"\[-(?P<removed>.*?)-\]|\{\+(?P<added>.*?)\+\}", re.DOTALL)
STYLES = {"removed": "red strike", "added": "green"}


def history(db: Database, key: bytes) -> Facts | None:
    """The article of a URL's key with its life, changes and revisions, plain values; None when it is not loaded."""
    article = plain(db.row("revisions.life", key=key))
    if article is None:
        return None
    return {
        **article,
        "changes": [plain(row) for row in db.rows("revisions.changes", article_id=article["article_id"])],
        "versions": [plain(row) for row in db.rows("revisions.of_url", key=key)],
    }


def render(facts: Facts) -> RenderableType:
    """The article, what happened to it, and its diffs, the oldest first."""
    parts: list[RenderableType] = [
        f"[bold]{escape(facts['title'])}[/]",
        f"{escape(facts['source'])}  {escape(facts['url'])}",
        _checks(facts),
    ]
    for change in facts["changes"]:
        detail = f": {escape(change['detail'])}" if change["detail"] else ""
        reason = f" ({change['reason']})" if change["reason"] else ""
        parts.append(f"  {change['at']:%F %T}  [bold]{change['what']}[/]{reason}{detail}")
    for version in facts["versions"]:
        parts += ["", *_version(version)]
    if not facts["versions"]:
        parts.append("no change of its title or text was found")
    return Group(*parts)


def _checks(facts: Facts) -> str:
    if not facts["checks"]:
        return "not looked at again" + (f" yet{_next(facts)}" if facts["due_at"] else ": too old to be watched")
    return f"looked at {facts['checks']} times since it was loaded, last {facts['checked_at']:%F %T}" + _next(facts)


def _next(facts: Facts) -> str:
    return f"; next {facts['due_at']:%F %T}" if facts["due_at"] else "; not looked at any more"


def _version(version: Facts) -> list[RenderableType]:
    head = (
        f"[bold]version {version['version']}[/] {version['kind']}, between {version['seen_before_at']:%F %T} and "
        f"{version['found_at']:%F %T}: {version['share_changed']:.1%} of the words, "
        f"{version['words_added']} added, {version['words_removed']} removed"
    )
    return [head, *map(coloured, version["diff"].splitlines())]


def coloured(line: str) -> Text:
    """A line of a diff with its marks kept and in colour."""
    text = Text("  ")
    done = 0
    for found in MARKED.finditer(line):
        text.append(line[done : found.start()])
        text.append(found[0], STYLES[found.lastgroup or "added"])
        done = found.end()
    return text.append(line[done:])
