"""Paragraphs as they are stored."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from mediawatch.articles.paragraphs import join


def test_the_title_that_opens_a_text_is_not_its_first_paragraph() -> None:
    assert join("A Second Bridge!\nThe council voted.\nA second bridge", "A second bridge") == (
        "The council voted.\n\nA second bridge"
    )


def test_bullets_rules_and_empty_lines_go() -> None:
    assert join("- one\n\n***\n  two  words \r\n• three\n---") == "one\n\ntwo words\n\nthree"


@given(st.text(), st.text(max_size=10))
def test_a_joined_text_is_clean_and_stays_as_it_is(raw: str, title: str) -> None:
    text = join(raw, title)
    assert unicodedata.is_normalized("NFC", text)
    assert "\x00" not in text
    assert join(text) == text
