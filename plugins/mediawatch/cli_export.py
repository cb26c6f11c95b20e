"""`mediawatch export`: an analyst's view or query as a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console

from mediawatch.errors import MediawatchError
from mediawatch.terminal import connected

SUFFIXES = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".atom": "atom",
    ".xml": "atom",
}
MOST_IN_FEED = 500
TOPIC_QUERY = """select a.*, t.words, t.level from article_topics t join articles a using (article_id)
where t.topic = '{}' order by a.published_at desc nulls last, a.article_id desc"""


def export(
    what: Annotated[str, typer.Argument(help="A view of the analyst's schema, or a query over its views.")] = "",
    to: Annotated[Path | None, typer.Option(help="The file; to the terminal if not given.", dir_okay=False)] = None,
    form: Annotated[str, typer.Option("--as", help="csv, jsonl, parquet or atom; else as the file is named.")] = "",
    topic: Annotated[str, typer.Option(help="Instead: the articles of this topic, newest first.")] = "",
    saved: Annotated[str, typer.Option(help="Instead: the saved query of this name.")] = "",
    save_as: Annotated[str, typer.Option(help="Keep the query under this name, and write nothing.")] = "",
) -> None:
    """Write all rows of a view or query, as a stream: CSV, JSON Lines, Parquet, or an Atom feed of its articles.

    An Atom feed needs the columns url and title, and uses published_at, source, summary and topics where they are.
    """
    from mediawatch.store.export import query_of, reading
    from mediawatch.store.saved import load

    if sum(map(bool, (what, topic, saved))) != 1:
        raise MediawatchError("name a view or a query, or give --topic, or --saved")
    if save_as:
        keep(save_as, topic, what)
        return
    suffix = to.suffix.lower() if to else ""
    if not form and suffix and suffix not in SUFFIXES:
        raise MediawatchError(f"{suffix} names no format: {', '.join(SUFFIXES)}; or say it with --as")
    form = form or SUFFIXES.get(suffix, "csv")
    if form not in WRITERS:
        raise MediawatchError(f"{form!r} is no format: {', '.join(WRITERS)}")
    part = to.with_name(f".{to.name}.part") if to else None
    with connected() as (db, _):
        query = load(db, saved).query if saved else topic_query(db, topic) if topic else query_of(what)
        # No limit: it streams for as long as there is something to write, and whoever waits for it can end it.
        with part.open("wb") if part else nullcontext(sys.stdout.buffer) as out, reading(db, limit_s=0):
            WRITERS[form](db, query, out, saved or topic or what)
    if to and part:
        part.replace(to)  # whole or not at all
        Console(stderr=True, highlight=False).print(f"wrote {to}, {to.stat().st_size:,} bytes")


def keep(name: str, topic: str, query: str) -> None:
    """Save a query, or a topic's, under a name."""
    from getpass import getuser

    from mediawatch.store.saved import save

    with connected() as (db, _):
        save(db, name, topic_query(db, topic) if topic else query, getuser())


def topic_query(db: Any, topic: str) -> str:
    """The newest articles of a topic with the words that caused it. MediawatchError when there is no such topic."""
    known = [row.topic for row in db.execute("select topic from analyst.topics order by 1")]
    if topic not in known:
        raise MediawatchError(f"there is no topic {topic!r}: {', '.join(known)}")
    return TOPIC_QUERY.format(topic)


def _csv(db: Any, query: str, out: BinaryIO, _: str) -> None:
    from mediawatch.store.export import copy_csv

    copy_csv(db, query, out)


def _jsonl(db: Any, query: str, out: BinaryIO, _: str) -> None:
    from mediawatch.store.export import copy_json_lines

    copy_json_lines(db, query, out)


def _parquet(db: Any, query: str, out: BinaryIO, _: str) -> None:
    from mediawatch.reports import parquet
    from mediawatch.store.export import batches

    parquet.write(batches(db, query), out)


def _atom(db: Any, query: str, out: BinaryIO, title: str) -> None:
    from mediawatch.reports import atom
    from mediawatch.store.export import batches

    columns, rows = next(batches(db, query))
    names = [name for name, _ in columns]
    if missing := [name for name in atom.NEEDED if name not in names]:
        raise MediawatchError(f"an Atom feed needs the column {missing[0]}")
    out.write(atom.feed(f"mediawatch: {title}", (dict(zip(names, row, strict=True)) for row in rows[:MOST_IN_FEED])))


WRITERS: dict[str, Callable[[Any, str, BinaryIO, str], None]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
    "atom": _atom,
}
