"""`mediawatch forget`, `retention`, `backup`, `restore`, `tidy`: what is taken away, and what is kept safe."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from mediawatch.errors import MediawatchError
from mediawatch.terminal import Json, connected, console, show_json

What = Annotated[
    str, typer.Argument(help="A URL, as a feed announced it or as the page calls itself; or a publisher's name.")
]
Days = Annotated[int | None, typer.Option(min=0, help="Days; 0: for ever.")]


def forget(
    what: What,
    by: Annotated[str, typer.Option(help="Who had it taken down.", default_factory=getpass.getuser)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Take down an article or a whole publisher: text, archive, evidence; it does not come back.

    Interrupted, it goes on with the next `forget`, or with the daily housekeeping.
    """
    from mediawatch.stages import forget as take_down

    with connected() as (db, settings):
        found = take_down.plan(db, what)
        if not json:
            parts = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in found.counts.items())
            console.print(f"{escape(what)}: {parts}")
            for copy in found.copies:
                console.print(f"[dim]stays:[/] {escape(copy['source'])}, {escape(copy['url'])}, which tells the same")
        if dry_run:
            if json:
                show_json(found.plain())
            return
        if not yes:
            typer.confirm("This cannot be undone. Take it down?", abort=True)
        counts = take_down.forget(db, settings, found, by)
        waiting = db.row("removals.waiting")
        left = take_down.left_over(db, settings, found.probes)
    if json:
        show_json({**found.plain(), "removed": counts, "left": left, "records_waiting": waiting.records})
        return
    console.print(
        "taken away: entries {entries:,}, articles {articles:,}, archive records {records:,}".format(**counts)
    )
    if waiting.records:
        console.print(
            f"{waiting.records:,} archive records wait: a back-up is on, or another worker clears the archive"
        )
    console.print(
        "a search of the database and the archive finds nothing of it"
        if not left
        else "still found, in copies or quotations:"
    )
    for place in left:
        console.print(f"  {escape(place)}")


def retention(
    source: Annotated[
        str, typer.Option(help="A publisher whose own rules are set; what is not given goes by the settings.")
    ] = "",
    articles: Days = None,
    pages: Days = None,
    archive: Days = None,
    json: Json = False,
) -> None:
    """How long articles, pages without one, and archived bytes are kept; with --source sets a publisher's own rules."""
    from mediawatch.stages import retention as keeping

    if not source and any(days is not None for days in (articles, pages, archive)):
        raise MediawatchError("name the publisher with --source; for all others set MEDIAWATCH_KEEP_…_DAYS")
    with connected() as (db, settings):
        if source:
            keeping.set_rules(db, source, articles=articles, pages=pages, archive=archive)
        rules, own = keeping.rules(settings), keeping.own_rules(db)
    if json:
        show_json({"rules": rules, "sources": own})
        return
    for each in ({"name": "all others" if own else "all", **rules}, *own):
        said = (
            f"{kind} {'as all others' if each[kind] is None else f'{each[kind]} days' if each[kind] else 'for ever'}"
            for kind in keeping.KINDS
        )
        console.print(f"{escape(str(each['name']))}: {', '.join(said)}")


Folder = Annotated[Path, typer.Argument(help="Of the back-up.")]


def backup(folder: Folder) -> None:
    """Write the database and the archive into a folder; one that is there is brought up to date."""
    from mediawatch.local import backup as safe

    with connected() as (_, settings):
        done = safe.backup(settings, folder)
    console.print(f"{folder}: the database; archive files: {done.files:,} new, {done.known:,} known")


def restore(folder: Folder) -> None:
    """Bring a back-up into a database that is empty, and its files into the archive."""
    from mediawatch.local import backup as safe

    with connected(migrated=False) as (_, settings):
        done = safe.restore(settings, folder)
    console.print(f"restored: the database; archive files: {done.files:,}; {done.known:,} were there already")


def tidy(
    days: Annotated[int, typer.Option(min=0, help="Older runs, logs and XComs of Airflow's go.")] = 30,
    every_h: Annotated[float, typer.Option(min=0, help="Do it again after so many hours, for ever; 0: once.")] = 0,
) -> None:
    """Keep Airflow's own database and logs from growing: `airflow db clean`, and log files of that age."""
    from mediawatch.local import tidy as housekeeping
    from mediawatch.settings import Settings

    for files in housekeeping.repeatedly(Settings.from_env(), days, every_h):
        console.print(f"Airflow's rows older than {days} days are gone, and {files:,} log files")
