"""`mediawatch replay …`: archived pages under the current methods, compared before a person publishes the result."""

from __future__ import annotations

import getpass
from datetime import datetime
from enum import Enum
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mediawatch.errors import ReplayError
from mediawatch.terminal import Json, connected, console, show_json

app = typer.Typer(no_args_is_help=True, help="Archived pages under the current methods: built, compared, published.")

Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day of the fetch, UTC; it is in the range.")
]
Id = Annotated[int, typer.Argument(help="As `replay list` shows it.", min=1)]


class First(str, Enum):
    """The first step that is done anew."""

    EXTRACT = "extract"
    DEDUPLICATE = "deduplicate"
    TAG = "tag"


@app.command("build")
def build(
    first: Annotated[First, typer.Option("--from", help="The first step that is done anew.")] = First.EXTRACT,
    source: Annotated[str | None, typer.Option(help="Only this publisher's pages.")] = None,
    since: Day = None,
    until: Day = None,
    resume: Annotated[int | None, typer.Option(help="Go on with this one.", min=1)] = None,
    json: Json = False,
) -> None:
    """Build a shadow version and report what publishing it would change; analysts see nothing of it yet."""
    from mediawatch.stages import publish, replay

    with connected() as (db, settings):
        days = {key: f"{day:%F}" if day else None for key, day in (("since", since), ("until", until))}
        replay_id = resume or replay.begin(db, settings, first.value, getpass.getuser(), source=source, **days)
        bar = Progress(
            TextColumn("parts"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), disable=json
        )
        with bar as bars:
            for part in bars.track(replay.parts(db, replay_id)):
                replay.build(db, settings, replay_id, part)
        report = publish.compare(db, settings, replay_id)
    _show(replay_id, "draft", report, json)


@app.command("list")
def list_replays(json: Json = False) -> None:
    """Every replay and where it stands."""
    from mediawatch.reports import replay as report
    from mediawatch.store.database import plain

    with connected() as (db, _):
        rows = [plain(row) for row in db.rows("replays.list")]
    show_json(rows) if json else console.print(report.table(rows))


@app.command("report")
def report_replay(replay_id: Id, json: Json = False) -> None:
    """What publishing a replay would change, or has changed."""
    with connected() as (db, _):
        row = db.row("replays.get", replay_id=replay_id)
    if row is None or row.report is None:
        raise ReplayError(f"replay {replay_id} has no report yet" if row else f"there is no replay {replay_id}")
    _show(replay_id, row.state, row.report, json)


@app.command("publish")
def publish_replay(
    replay_id: Id,
    withdraw_lost: Annotated[
        bool, typer.Option("--withdraw-lost", help="Take back the articles that the new method does not find.")
    ] = False,
    json: Json = False,
) -> None:
    """Make a draft what analysts see, in one transaction."""
    from mediawatch.stages.publish import publish

    with connected() as (db, settings):
        counts = publish(db, settings, replay_id, getpass.getuser(), withdraw_lost=withdraw_lost)
    if json:
        show_json(counts)
        return
    told = ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in counts.items())
    console.print(f"replay {replay_id} is live: {told}")


@app.command("drop")
def drop_replay(replay_id: Id) -> None:
    """Give a replay up; its report is kept."""
    from mediawatch.stages.publish import drop

    with connected() as (db, _):
        drop(db, replay_id, getpass.getuser())
    console.print(f"replay {replay_id} is dropped")


def _show(replay_id: int, state: str, report: dict[str, object], json: bool) -> None:
    from mediawatch.reports import replay as rendered

    show_json({"replay": replay_id, "state": state, **report}) if json else console.print(
        rendered.render(replay_id, state, report)
    )
