"""Answers of the cookbook as text, and the page of the docs that shows each question with its answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rich.table import Table

from mediawatch.store.cookbook import Question

INTRO = """# The analyst's cookbook

The questions that a monitoring desk asks, as SQL. Each is a file in [sql/analyst/cookbook](../sql/analyst/cookbook):
run it with `mediawatch ask NAME --param topic=fentanyl`, or with psql (`psql -v topic=fentanyl -f NAME.sql`), or copy
it and change it. Days are days of publication (`published_on`): every count agrees with `volume` and `topic_volume`.

What follows is written by `MEDIAWATCH_WRITE_DOCS=1 pytest tests/test_cookbook.py` from the files and from what they
answer on the sample corpus; a test holds it true.
"""
LONGEST = 60
"""Characters of a cell in the docs."""
MOST = 12
"""Rows of an answer in the docs."""


def cell(value: Any) -> str:
    """A value as people read it: times to the minute, spans without fractions."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, timedelta):
        return str(timedelta(days=value.days, seconds=value.seconds))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list):
        return ", ".join(map(cell, value))
    return str(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """An answer for the terminal."""
    made = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        made.add_row(*map(cell, row))
    return made


def listing(questions: Iterable[Question]) -> Table:
    """All questions for the terminal."""
    made = Table("name", "question", "parameters", box=None, pad_edge=False)
    for each in questions:
        made.add_row(each.name, each.title, ", ".join(f"{p.name}={p.default}" for p in each.parameters))
    return made


def page(answers: Iterable[tuple[Question, Sequence[str], Sequence[Sequence[Any]]]]) -> str:
    """docs/cookbook.md: each question, what is counted, its parameters, its SQL, its answer on the corpus."""
    return "\n".join([INTRO, *(_section(*answer) for answer in answers)])


def _section(question: Question, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    asked = " ".join(f"--param {name}={_quoted(value)}" for name, value in question.example.items())
    parts = [f"## {question.title}", question.text, f"What is counted: {question.count}"]
    if question.parameters:
        parts.append("\n".join(f"* `{p.name}` ({p.default or 'empty'}): {p.meaning}" for p in question.parameters))
    parts += [
        f"```sql\n{question.query}\n```",
        f"`mediawatch ask {question.name}{' ' if asked else ''}{asked}` on the sample corpus:",
    ]
    return "\n\n".join([*parts, _answer(columns, rows, question.varies)]) + "\n"


def _quoted(value: str) -> str:
    return f"'{value}'" if " " in value else value


def _answer(columns: Sequence[str], rows: Sequence[Sequence[Any]], varies: Sequence[str]) -> str:
    if not rows:
        return "No rows."
    shown = [
        ["…" if name in varies else _short(cell(v)) for name, v in zip(columns, row, strict=True)]
        for row in rows[:MOST]
    ]
    lines = [list(columns), ["---"] * len(columns), *shown]
    text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return text + (f"\n\n… and {len(rows) - MOST} more." if len(rows) > MOST else "")


def _short(text: str) -> str:
    text = text.replace("|", "\\|").replace("\n", " ")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
