"""`mediawatch backfill …`: articles of the past, from WARC files or from a site's sitemap."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn

from mediawatch.terminal import Json, connected, console, show_json

app = typer.Typer(no_args_is_help=True, help="Articles of the past.")

Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="A day, UTC; it is in the range.")]


@app.command("warc")
def backfill_warc(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="WARC files: paths, or URIs such as s3://…")],
    json: Json = False,
) -> None:
    """Take the HTML pages of WARC files (CC-NEWS as it is) through all stages; goes on where it was interrupted."""
    from mediawatch.stages.flow import backfill_once
    from mediawatch.web.warc_input import name_of, size_of

    sizes = {name_of(file): size_of(file) for file in files}  # all can be read, before the first one is begun
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("[dim]{task.fields[note]}"),
    )
    done: list[dict[str, Any]] = []
    with connected() as (db, settings), Progress(*columns, console=Console(stderr=True), disable=json) as bars:
        for file, size in sizes.items():
            bar = bars.add_task(escape(PurePath(file).name), total=size, note="")

            def tick(offset: int, bar: Any = bar) -> None:
                bars.update(bar, completed=offset)

            def progress(step: str, counts: dict[str, int], bar: Any = bar) -> None:
                told = counts if step == "read" else {key: counts.get(key, 0) for key in ("entries", "ok")}
                bars.update(bar, note=f"{step}: {in_words(told)}")

            standing, loaded = backfill_once(db, settings, file, tick=tick, progress=progress)
            done.append({**asdict(standing), "loaded": loaded})
    if json:
        show_json(done)
        return
    for each in done:
        console.print(f"{escape(each['file'])}: {in_words(each['counts'])}; {each['loaded']:,} articles loaded now")


@app.command("sitemap")
def backfill_sitemap(
    url: Annotated[str, typer.Argument(help="A sitemap, or an index of sitemaps.")],
    since: Day,
    until: Day,
    most: Annotated[int, typer.Option(help="How many sitemaps are read at the most.", min=1)] = 200,
    json: Json = False,
) -> None:
    """Announce what a site's sitemaps date within a range; the next ingest, or `mediawatch run`, fetches it."""
    from mediawatch.stages.backfill_sitemap import announce_sitemap

    with connected() as (db, settings), Console(stderr=True).status("reading") as line:

        def progress(here: str, counts: dict[str, int]) -> None:
            line.update(f"{escape(here)} [dim]{in_words(counts)}")

        counts = announce_sitemap(db, settings, url, since.date(), until.date(), most=most, progress=progress)
    if json:
        show_json(counts)
        return
    console.print(in_words(counts))
    if counts.get("unread"):
        console.print(f"[yellow]{counts['unread']:,} sitemaps were not read[/]: name one of them, or raise --most")


def in_words(counts: dict[str, int]) -> str:
    """`1,198 pages, 12 known, 2,400 request`."""
    return ", ".join(f"{number:,} {escape(what)}" for what, number in counts.items()) or "no records"
