"""`mediawatch diff` and `mediawatch refetch`: what became of articles after they were loaded."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.markup import escape

from mediawatch.errors import MediawatchError
from mediawatch.terminal import Json, connected, console, show_json


def diff(
    url: Annotated[str, typer.Argument(help="As a feed announced it, or as the page calls itself.")], json: Json = False
) -> None:
    """What changed in an article since it was loaded: each revision with its diff, corrections, removals."""
    from mediawatch.articles.identity import url_key
    from mediawatch.reports import revisions as report

    with connected() as (db, _):
        facts = report.history(db, url_key(url))
    if facts is None:
        raise MediawatchError(f"no article is loaded from {url}; `mediawatch explain` may say why")
    show_json(facts) if json else console.print(report.render(facts))


def refetch(
    urls: Annotated[list[str] | None, typer.Argument(metavar="[URL]...", help="Articles to look at now.")] = None,
    json: Json = False,
) -> None:
    """Ask again for the pages of articles that are due, and of those that are named: what changed, what is gone."""
    from mediawatch.stages.again import refetch_once

    with connected() as (db, settings):
        counts = refetch_once(db, settings, f"cli {os.uname().nodename} {os.getpid()}", urls or ())
    if json:
        show_json(counts)
        return
    if urls and counts["asked"] < len(set(urls)):
        left = len(set(urls)) - counts["asked"]
        console.print(f"[yellow]{left} of the URLs not asked for: no article is loaded there, or a worker has it[/]")
    told = (f"{count:,} {escape(result)}" for result, count in counts.items() if count and result != "asked")
    console.print(", ".join(told) or "nothing is due")
