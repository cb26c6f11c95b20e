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


def test_what_extraction_is_told_of_a_page_is_told_when_it_is_read_again() -> None:
    told = statements()["entries.to_extract"].partition("select ")[2].partition("\nfrom ")[0]
    names = {item.strip().rpartition(".")[2].rpartition(" ")[2] for item in told.split(",")} - {"attempts", "breaks"}
    assert len(names) >= 13
    for again in ("refetches.to_read", "replays.waiting"):
        assert {name for name in names if not re.search(rf"\b{name}\b", statements()[again])} == set()
