"""What every command shares: the terminal, JSON for programs, and the database at hand."""

from __future__ import annotations

import getpass
import json as jsonlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console

from mediawatch.settings import Settings

console = Console(highlight=False)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


@contextmanager
def connected(*, migrated: bool = True) -> Iterator[tuple[Any, Settings]]:
    """mediawatch's database for one command, brought to this version first, and the settings that lead to it.

    While the sample corpus is served, its publishers are reached.
    """
    from mediawatch.local import database, stack
    from mediawatch.store.database import Database

    with database.at_hand(Settings.from_env()) as settings:
        if migrated:
            stack.prepare(settings)
        with Database(settings.database_url) as db:
            yield db, stack.with_corpus(settings)


def show_json(value: object) -> None:
    """Plain values as JSON; times in ISO 8601."""
    print(jsonlib.dumps(value, ensure_ascii=False, indent=2, default=lambda v: v.isoformat()))  # noqa: T201


def user() -> str:
    """Whose name stands under what is written, unless another is given."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return "unknown"
