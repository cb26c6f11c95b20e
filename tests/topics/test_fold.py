"""Folding, and the way back to the original offsets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.topics.fold import PARAGRAPH, _fold_even, _fold_slowly, fold

TRICKY = "aZéßİﬁ…中美國ＵＳ \n\t\u00ad\u200b\u0301\u0644\u064b’“"
ODD = st.text(st.one_of(st.characters(), st.sampled_from(TRICKY)), max_size=60)


@pytest.mark.parametrize(
    ("source", "folded"),
    [
        ("SANCIÓN", "sancion"),
        ("Straße", "strasse"),
        ("ＵＳ－China", "us-china"),
        ("San\u00adk\u200btionen", "sanktionen"),
        ("China’s “deal”", 'china\'s "deal"'),
        ("US–China", "us-china"),
        ("ｶﾞ ﬁne", "カ\u3099 fine"),
        ("economic\r\nsanctions", "economic sanctions"),
        ("economic \t\u00a0 sanctions", "economic sanctions"),
        ("中\n美关系", "中美关系"),
        ("İRAN", "iran"),
        ("Τέλος", "τελοσ"),
    ],
)
def test_case_accents_width_and_wrapping_are_folded(source: str, folded: str) -> None:
    assert fold(source).text == folded


def test_a_blank_line_ends_a_paragraph_and_a_wrapped_line_does_not() -> None:
    assert fold("One\ntwo.\nThree\n \nfour").text == f"one two. three{PARAGRAPH}four"


def test_without_blank_lines_a_line_that_ends_a_sentence_ends_a_paragraph() -> None:
    assert fold("One\ntwo.”\nThree").text == f'one two."{PARAGRAPH}three'


def test_a_span_cuts_the_words_out_of_the_original_with_their_accents() -> None:
    source = "“Die ﬁnale  Straße”: cafe\u0301\u0301 ZU"
    folded = fold(source)
    for word, original in (("strasse", "Straße"), ("finale", "ﬁnale"), ("cafe", "cafe\u0301\u0301"), ("zu", "ZU")):
        start = folded.text.index(word)
        first, last = folded.span(start, start + len(word))
        assert source[first:last] == original


@given(ODD)
def test_every_folded_character_stems_from_one_that_folds_to_it(source: str) -> None:
    folded = fold(source)
    origins = [folded.origin(position) for position in range(len(folded.text))]
    assert origins == sorted(origins)
    for position, char in enumerate(folded.text):
        original = source[origins[position]]
        assert original.isspace() or char in fold(original).text


@given(ODD, st.data())
def test_a_span_folds_to_what_it_was_asked_for(source: str, data: st.DataObject) -> None:
    folded = fold(source)
    if not folded.text:
        return
    start = data.draw(st.integers(0, len(folded.text) - 1))
    end = data.draw(st.integers(start + 1, len(folded.text)))
    first, last = folded.span(start, end)
    assert 0 <= first < last <= len(source)
    assert folded.text[start:end].replace(" ", "").strip() in fold(source[first:last]).text.replace(" ", "")


LINES = st.lists(st.sampled_from(["One.", "two", "Straße…", "中美", "ŉ", "“So”", "", " ", "\u00ad", "x "]), max_size=12)


@given(LINES, st.sampled_from(["\n\n", "\n", " "]))
def test_the_quick_way_folds_as_the_slow_one_does(lines: list[str], between: str) -> None:
    source = between.join(lines)
    assert fold(source).text == _fold_slowly(source, *_fold_even(source))[0]


@given(ODD)
def test_the_quick_way_folds_odd_text_as_the_slow_one_does(source: str) -> None:
    assert fold(source).text == _fold_slowly(source, *_fold_even(source))[0]
