"""`mediawatch evaluate …`: a part of mediawatch measured over files of one's own."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from mediawatch import data
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
        _write(predictions, found.announced)
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
        _write(predictions, (each.plain() for each in found.predictions))
    if json:
        show_json(found.plain())
    else:
        console.print(evaluation.extraction(found.plain()))


Labelled = Annotated[Path, typer.Argument(metavar="FILE", help="Labelled articles: FILE.jsonl or FILE.jsonl.gz.")]


@app.command("stories")
def evaluate_stories(
    file: Labelled,
    workers: Annotated[int, typer.Option(min=1, help="Processes at once.")] = 1,
    predictions: Annotated[Path | None, typer.Option(help="Write {id, story} to this file, as JSON lines.")] = None,
    json: Json = False,
) -> None:
    """Group articles {id, source, published, title, text, story} into stories, on a Postgres of its own."""
    from mediawatch.evaluate import labelled, stories
    from mediawatch.reports import evaluation

    found = stories.evaluate(labelled.read(file, "story"), Settings.from_env(), workers)
    if predictions:
        _write(predictions, stories.predictions(found))
    if json:
        show_json(found.plain())
    else:
        console.print(evaluation.stories(found.plain(), len(found.rows)))


@app.command("events")
def evaluate_events(
    file: Labelled,
    predictions: Annotated[Path | None, typer.Option(help="Write {id, event} to this file, as JSON lines.")] = None,
    json: Json = False,
) -> None:
    """Group articles {id, source, published, title, text, lang, event, set} into events, each set on its own."""
    from mediawatch.evaluate import events, labelled
    from mediawatch.reports import evaluation

    found = events.evaluate(labelled.read(file, "event"), Settings.from_env())
    if predictions:
        _write(predictions, events.predictions(found))
    if json:
        show_json(found.plain())
    else:
        console.print(evaluation.events(found.plain()))


@app.command("topics")
def evaluate_topics(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Articles, one JSON object a line; .gz too.")],
    topic: Annotated[
        list[Path] | None, typer.Option(help="A topic file, instead of those that ship; repeatable.")
    ] = None,
    predictions: Annotated[Path | None, typer.Option(help="Write each article's levels to this file.")] = None,
    json: Json = False,
) -> None:
    """Tag labelled articles: precision, recall and F1 by topic and language, and the articles that it got wrong."""
    from mediawatch.evaluate.topics import evaluate, read_articles
    from mediawatch.reports import evaluation
    from mediawatch.topics.definition import parse_topic

    bodies = [(path.name, path.read_text(encoding="utf-8")) for path in topic] if topic else data.topics()
    found = evaluate([parse_topic(body, name) for name, body in bodies], read_articles(file))
    if predictions:
        _write(predictions, found.predictions())
    if json:
        show_json(found.plain())
    else:
        console.print(evaluation.topics(found.plain()))


def _write(file: Path, rows: Iterable[object]) -> None:
    with file.open("w", encoding="utf-8") as opened:
        opened.writelines(jsonlib.dumps(row, ensure_ascii=False) + "\n" for row in rows)
