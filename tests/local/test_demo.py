"""What the demo prints for people to copy; the demo itself is tested by the run of the whole flow."""

from __future__ import annotations

from io import StringIO

from mediawatch.local.demo import unbroken
from mediawatch.reports.found import TRY, questions
from rich.console import Console


def test_a_command_stays_one_line_on_a_narrow_terminal() -> None:
    out = StringIO()
    unbroken(Console(file=out, width=40), questions())
    lines = out.getvalue().splitlines()
    assert len(lines) == 2 * len(TRY)
    assert [line for line in lines if "make psql" in line] == [f'  make psql SQL="{sql}"' for _, sql in TRY]
