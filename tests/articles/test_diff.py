"""What changed between two versions: nothing lost, nothing invented, bounded in time, and readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.articles.diff import compare, pieces

WORDS = st.sampled_from(["the", "mill", "burned", "on", "Monday", "twice", "水", "坝", "—", "900"])
TEXTS = st.lists(st.lists(WORDS, max_size=12).map(" ".join), max_size=6).map("\n\n".join)

OLD = """The mill at Tarn burned for two hours on Monday, and nobody was hurt.

The owner, Ada Finch, said that 900 sacks of flour were lost.

Firemen came from three villages."""


@given(TEXTS, TEXTS)
def test_both_versions_can_be_put_together_from_the_pieces(was: str, now: str) -> None:
    found = pieces(was, now)
    assert "".join(p.text for p in found if p.op != "added") == was
    assert "".join(p.text for p in found if p.op != "removed") == now


@given(TEXTS, TEXTS)
def test_the_share_that_changed_lies_between_nothing_and_all_and_is_the_same_both_ways(was: str, now: str) -> None:
    one, other = compare("t", was, "t", now), compare("t", now, "t", was)
    assert (one is None) == (other is None)
    if one and other:
        assert 0 <= one.share <= 1
        assert one.text


@given(TEXTS)
def test_a_text_has_not_changed_against_itself(text: str) -> None:
    assert compare("t", text, "t", text.replace(" ", "  ")) is None


def test_one_changed_word_is_shown_in_its_paragraph_with_the_words_around_it() -> None:
    change = compare("Mill burns", OLD, "Mill burns", OLD.replace("900", "940"))
    assert change is not None
    assert change.diff == "¶2 The owner, Ada Finch, said that [-900-] {+940+} sacks of flour were lost."
    assert (change.title, change.text, change.added, change.removed) == (False, True, 1, 1)
    # 32 words and 2 of the title in each version; one of each differs
    assert change.share == pytest.approx(2 / 66, abs=0.002)


def test_a_new_title_a_new_paragraph_and_one_that_went_are_shown_each_in_its_line() -> None:
    now = OLD.replace("\n\nFiremen came from three villages.", "") + "\n\nCorrection: the fire was on Sunday."
    change = compare("Mill burns", OLD, "Mill burns down", now)
    assert change is not None
    assert change.diff.splitlines() == [
        "title Mill burns {+down+}",
        "¶3 [-Firemen came from three villages.-]",
        "¶3 {+Correction: the fire was on Sunday.+}",
    ]


def test_a_long_unchanged_stretch_is_left_out_of_the_diff() -> None:
    words = " ".join(f"word{i}" for i in range(200))
    change = compare("t", f"first {words} last", "t", f"second {words} end")
    assert change is not None
    assert change.diff.startswith("¶1 [-first-]{+second+} word0 word1")
    assert "word100" not in change.diff
    assert change.diff.endswith("word199 [-last-] {+end+}")


def test_chinese_is_compared_by_character() -> None:
    change = compare("水坝", "水坝今天放水三百立方米。", "水坝", "水坝今天放水五百立方米。")
    assert change is not None
    assert change.diff == "¶1 水坝今天放水[-三-]{+五+}百立方米。"
    assert change.share == pytest.approx(2 / 26, abs=0.01)


MANY = 60_000


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("a " * MANY, "b " * MANY),
        ("a b " * (MANY // 2), "b a a " * (MANY // 3)),
        ("".join(f"{i}\n\n" for i in range(MANY)), "".join(f"{i}\n\n" for i in range(MANY, 0, -1))),
        ("".join(f"{i} " for i in range(MANY)), "".join(f"{i} " for i in range(MANY, 0, -1))),
    ],
    ids=["nothing in common", "two words", "paragraphs turned round", "words turned round"],
)
def test_texts_that_a_search_without_a_limit_would_not_finish_are_compared(was: str, now: str) -> None:
    change = compare("t", was, "t", now)
    assert change is not None
    assert change.share > 0.5
