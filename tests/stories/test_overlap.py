"""One number for how much of two texts is the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.stories.overlap import overlap

TEXTS = st.lists(st.sampled_from(["a", "mill", "burned", "on", "the", "river", "twice", "水", "坝"]), max_size=30).map(
    " ".join
)


@given(TEXTS, TEXTS)
def test_it_lies_between_nothing_and_all_and_is_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= overlap(one, other) <= 1
    assert overlap(one, other) == overlap(other, one)


@given(TEXTS)
def test_a_text_is_all_of_itself_whatever_its_case_and_marks(text: str) -> None:
    assert overlap(text, text.upper().replace(" ", ", ")) == 1


def test_half_a_text_has_all_precision_and_half_the_recall() -> None:
    words = [f"w{i}" for i in range(203)]
    # 200 runs of four, of which the first 103 words hold 100: F1 = 2 · 100 / (200 + 100)
    assert overlap(" ".join(words), " ".join(words[:103])) == pytest.approx(2 / 3)


def test_texts_shorter_than_a_run_are_compared_as_a_whole() -> None:
    assert overlap("Mill burns", "mill burns") == 1
    assert overlap("Mill burns", "Mill stands") == 0
    assert overlap("", "Mill") == 0
