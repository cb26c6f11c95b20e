"""The one statement that replaces an article's columns knows all that extraction decides."""

from __future__ import annotations

import re

from mediawatch.stages.rewrite import IDENTITY, columns
from mediawatch.store.queries import statements


def test_every_column_that_extraction_decides_is_replaced_and_no_other() -> None:
    set_to, read_from = re.findall(
        r"\(\s*(?:select )?([\w.,\s]+?)\)?\s*(?:= |from jsonb)", statements()["rewrites.articles"]
    )
    replaced = [name.strip() for name in set_to.rstrip(")").split(",")]
    assert replaced == [name.strip().removeprefix("n.") for name in read_from.split(",")]
    assert sorted(replaced) == sorted(set(columns()) - IDENTITY)
