"""`mediawatch ask`: the questions of the cookbook, and queries that people have saved."""

from __future__ import annotations

from typing import Annotated

import typer

from mediawatch.errors import MediawatchError
from mediawatch.terminal import Json, connected, console, show_json


def ask(
    name: Annotated[str, typer.Argument(help="A question; without one all are listed.")] = "",
    param: Annotated[list[str] | None, typer.Option(help="NAME=VALUE, any number of times.")] = None,
    json: Json = False,
) -> None:
    """Ask a question of the cookbook (sql/analyst/cookbook), with the rights of the analyst."""
    from mediawatch.reports import cookbook as report
    from mediawatch.store import cookbook

    questions = cookbook.questions()
    if not name:
        console.print(report.listing(questions.values()))
        return
    if name not in questions:
        raise MediawatchError(f"there is no question {name!r}: {', '.join(questions)}")
    with connected() as (db, _):
        columns, rows = cookbook.ask(db, questions[name], given(param or []))
    if json:
        show_json([{c: report.cell(v) for c, v in zip(columns, row, strict=True)} for row in rows])
    else:
        console.print(report.table(columns, rows))


def given(params: list[str]) -> dict[str, str]:
    """{name: value} of NAME=VALUE. MediawatchError for what is written otherwise."""
    if wrong := [each for each in params if "=" not in each]:
        raise MediawatchError(f"{wrong[0]!r} is not NAME=VALUE")
    return dict(each.split("=", 1) for each in params)
