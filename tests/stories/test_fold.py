"""Folding: what two extractions of one text must have in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.stories.fold import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't panic: U.S. sanctions!", ["don", "t", "panic", "u", "s", "sanctions"]),
        ("Don’t panic — “sanctions”…", ["don", "t", "panic", "sanctions"]),
        ("snake_case 3,200.50", ["snake", "case", "3", "200", "50"]),
        ("Straf\u00admaß\u200bnahmen", ["strafmaßnahmen"]),
        ("ＦＥＮＴＡＮＹＬ ﬁne", ["fentanyl", "fine"]),
        ("Cafe\u0301 CAFÉ", ["café", "café"]),
        ("Санкции, ОТМЕНЕНЫ", ["санкции", "отменены"]),
        ("प्रतिबंध हटाए गए।", ["प्रतिबंध", "हटाए", "गए"]),
        ("", []),
        ("— … ❤️ !", []),
    ],
)
def test_words_lose_case_punctuation_and_invisible_characters(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_han_and_kana_become_overlapping_pairs_of_characters() -> None:
    assert words("芬太尼，制裁。") == ["芬太", "太尼", "制裁"]
    assert words("アメリカ") == ["アメ", "メリ", "リカ"]


def test_thai_becomes_overlapping_sixes_and_keeps_its_vowel_signs() -> None:
    assert words("คว่ำบาตร") == ["คว่ําบ", "ว่ําบา", "่ําบาต", "ําบาตร"]


def test_words_between_han_characters_stay_whole() -> None:
    assert words("美国DEA说: fentanyl2024年") == ["美国", "dea", "说", "fentanyl2024", "年"]


def test_line_breaks_and_spaces_make_no_difference() -> None:
    assert words("one\n\ttwo\u00a0three\u2028four") == words("one two three four")


@given(st.text())
def test_folding_folded_words_changes_nothing_where_words_have_spaces(text: str) -> None:
    once = words(text)
    if all(word.isascii() for word in once):
        assert words(" ".join(once)) == once


@given(st.text(alphabet=st.characters()))
def test_any_text_folds_to_units_without_spaces(text: str) -> None:
    assert all(unit and not any(c.isspace() for c in unit) for unit in words(text))
