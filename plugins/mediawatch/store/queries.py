"""Loads named statements from sql/queries/: one file a table, `-- name: verb_noun — what it does` before each."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from mediawatch.settings import PROJECT

SQL = PROJECT / "sql"
HEADING = re.compile(r"^-- name: (\w+) — (.+)$", re.MULTILINE)


@cache
def statements(folder: Path = SQL / "queries") -> dict[str, str]:
    """{"file.name": statement} of all files; a name given twice in one file is a ValueError."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.sql")):
        parts = HEADING.split(path.read_text(encoding="utf-8"))
        for name, body in zip(parts[1::3], parts[3::3], strict=True):
            key = f"{path.stem}.{name}"
            if key in found:
                raise ValueError(f"{path.name} has two statements named {name}")
            found[key] = body.strip().rstrip(";")
    return found
