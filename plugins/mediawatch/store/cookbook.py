"""The analyst's cookbook: questions as SQL files that psql runs as they are, read so that they can be asked here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mediawatch.errors import QueryError
from mediawatch.store.database import Database
from mediawatch.store.export import batches, reading
from mediawatch.store.queries import SQL

FOLDER = SQL / "analyst" / "cookbook"
_DEFAULT = re.compile(r"^\\if :\{\?(\w+)\} \\else \\set \1 '(.*)' \\endif$")
_USE = re.compile(r":'(\w+)'")


@dataclass(frozen=True)
class Parameter:
    """What a question leaves open: its default, and what it means."""

    name: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Question:
    """One file: `name` without .sql; `count` says what is counted and why; `example` the values that the docs show."""

    name: str
    title: str
    text: str
    count: str
    parameters: tuple[Parameter, ...]
    varies: tuple[str, ...]
    example: dict[str, str]
    query: str

    @property
    def statement(self) -> str:
        """The query with its parameters as psycopg2 binds them."""
        return _USE.sub(r"%(\1)s", self.query.replace("%", "%%"))


@cache
def questions(folder: Path = FOLDER) -> dict[str, Question]:
    """{name: question} of all files, by name."""
    return {path.stem: read(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.sql"))}


def read(name: str, body: str) -> Question:
    """A question as its file writes it. ValueError when a parameter is used that it does not declare."""
    lines = body.splitlines()
    head = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    defaults = {found[1]: found[2] for line in lines if (found := _DEFAULT.match(line))}
    query = "\n".join(line for line in lines if not line.startswith(("--", "\\"))).strip().rstrip(";")
    if undeclared := set(_USE.findall(query)) - defaults.keys():
        raise ValueError(f"{name} does not declare {', '.join(sorted(undeclared))}")
    meanings = dict(line[1:].split(" ", 1) for line in head if line.startswith(":"))
    text, _, count = " ".join(line for line in head[1:] if not re.match(r":|Varies: |Example: ", line)).partition(
        " Count: "
    )
    labelled = dict(line.split(": ", 1) for line in head if line.startswith(("Varies: ", "Example: ")))
    return Question(
        name=name,
        title=head[0],
        text=text.strip(),
        count=count,
        parameters=tuple(Parameter(each, default, meanings[each]) for each, default in defaults.items()),
        varies=tuple(filter(None, labelled.get("Varies", "").split(", "))),
        example=dict(part.split("=", 1) for part in shlex.split(labelled.get("Example", ""))),
        query=query,
    )


def values(question: Question, given: Mapping[str, str]) -> dict[str, str]:
    """A value for each parameter. QueryError names what the question does not have."""
    if unknown := given.keys() - {each.name for each in question.parameters}:
        names = ", ".join(each.name for each in question.parameters) or "none"
        raise QueryError(f"{question.name} has no parameter {min(unknown)}; it has: {names}")
    return {each.name: given.get(each.name, each.default) for each in question.parameters}


def ask(db: Database, question: Question, given: Mapping[str, str]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows, with the analyst's rights. QueryError with what the server says when it refuses."""
    with reading(db):
        with db.cursor() as cursor:
            query = cursor.mogrify(question.statement, values(question, given)).decode()
        found = list(batches(db, query))
    return [name for name, _ in found[0][0]], [row for _, rows in found for row in rows]
