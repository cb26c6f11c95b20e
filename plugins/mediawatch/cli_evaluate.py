"""`mediawatch evaluate …`: a part of mediawatch measured over files of one's own."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from mediawatch.settings import Settings
from mediawatch.terminal import Json, console, show_json

app = typer.Typer(no_args_is_help=True, help="Measure a part of mediawatch over files of your own.")


@app.callback()
def group() -> None:
    """Measure a part of mediawatch over files of your own."""


@app.command("feeds")
def evaluate_feeds(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of feeds, one a file, or such a .tar.gz.")],
    predictions: Annotated[Path | None, typer.Option(help="Write each entry to this file, as JSON lines.")] = None,
    json: Json = False,
) -> None:
    """Read each file as a feed's body: format, entries, how many are dated and have a URL, what was odd."""
    from mediawatch.evaluate.feeds import evaluate
    from mediawatch.reports import evaluation

    found = evaluate(folder, Settings.from_env())
    if predictions:
        _write_lines(predictions, found.announced)
    if json:
        show_json(found.plain())
    else:
        console.print(evaluation.feeds(found.plain()))


@app.command("extraction")
def evaluate_extraction(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with truth.jsonl and the pages it names.")],
    predictions: Annotated[
        Path | None, typer.Option(help="Write what each page gave to this file, as JSON lines.")
    ] = None,
    json: Json = False,
) -> None:
    """Extract saved pages and compare body, title, time and authors with their labels."""
    from mediawatch.evaluate.extraction import evaluate
    from mediawatch.reports import evaluation

    found = evaluate(folder, Settings.from_env())
    if predictions:
        _write_lines(predictions, (each.plain() for each in found.predictions))
    if json:
        show_json(found.plain())
    else:
        console.print(evaluation.extraction(found.plain()))


def _write_lines(file: Path, rows: Iterable[object]) -> None:
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(jsonlib.dumps(row, ensure_ascii=False) + "\n" for row in rows)
