"""The loader of named statements, and the statements' names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mediawatch.settings import PROJECT
from mediawatch.store.database import Database
from mediawatch.store.queries import SQL, statements

USED = re.compile(r"""\.(?:rows|row|value|many)\(\s*"(\w+\.\w+)\"""")


def test_every_statement_that_the_code_names_exists_and_every_one_is_used() -> None:
    code = [path.read_text("utf-8") for path in (PROJECT / "plugins" / "mediawatch").rglob("*.py")]
    used = {name for text in code for name in USED.findall(text)}
    assert used == set(statements())


def test_two_statements_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.sql").write_text("-- name: a — one\nselect 1;\n\n-- name: a — two\nselect 2;\n")
    with pytest.raises(ValueError, match="two statements named a"):
        statements(tmp_path)


def test_every_heading_is_read() -> None:
    headings = sum(path.read_text("utf-8").count("-- name:") for path in (SQL / "queries").glob("*.sql"))
    assert headings == len(statements())


@pytest.mark.parametrize(
    "numbers", [[0], [-(2**31), 2**31 - 1], [-(2**31) - 1], [2**63 - 1], [2**63], [1, None], [True]]
)
def test_a_list_of_whole_numbers_comes_back_as_it_was(db: Database, numbers: list[object]) -> None:
    assert db.execute("select %(it)s as it", {"it": numbers})[0].it == numbers
