"""Sketches: sizes, sampling, and values that must not move without a new version."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.stories.sketch import (
    LONGEST_WORDS,
    POSITION_TYPE,
    SHINGLE_TYPE,
    SKETCH_VERSION,
    TERM_TYPE,
    sample_rate,
    sketch,
)


def test_a_version_stands_for_these_exact_values() -> None:
    made = sketch("Washington moves to freeze the assets of nine toolmakers")
    assert SKETCH_VERSION == 2
    assert made.words == 9
    assert made.exact.hex() == "49927a697251743144fd256b5384c3c0"
    assert made.keys == (610415292, -1650486574, -1246285661, -1118212808, -404470263)
    assert made.terms.hex() == "d027fe5ee1941eed86ee"


@pytest.mark.parametrize("text", ["", "…", "\n"])
def test_a_text_without_words_has_nothing_to_be_found_by(text: str) -> None:
    made = sketch(text)
    assert (made.keys, made.shingles, made.positions, made.terms, made.words) == ((), b"", b"", b"", 0)


@pytest.mark.parametrize("text", ["one", "one two", "one two three four", "one two three four five"])
def test_a_tiny_text_is_one_shingle(text: str) -> None:
    made = sketch(text)
    assert len(made.keys) == 1
    assert len(made.shingles) == SHINGLE_TYPE.itemsize
    assert np.frombuffer(made.positions, POSITION_TYPE).tolist() == [0]


def test_keys_are_the_smallest_of_the_body_and_of_the_lead(write) -> None:
    words = write("harbour", 900)
    keys = set(sketch(" ".join(words)).keys)
    assert 20 <= len(keys) <= 28
    lead = set(sketch(" ".join(words[:60])).keys)
    assert len(keys & lead) >= 8


def test_keys_fit_a_signed_32_bit_column(write) -> None:
    assert all(-(2**31) <= key < 2**31 for key in sketch(" ".join(write("column"))).keys)


def test_a_short_text_keeps_every_shingle_and_a_long_one_a_quarter(write) -> None:
    short, long = sketch(" ".join(write("short", 200))), sketch(" ".join(write("long", 4000)))
    assert len(short.shingles) // SHINGLE_TYPE.itemsize == 196
    assert sample_rate(200) == 1
    assert sample_rate(4000) == 4
    assert 900 <= len(long.shingles) // SHINGLE_TYPE.itemsize <= 1100


def test_shingles_and_terms_are_sorted_and_distinct(write) -> None:
    words = write("twice", 300)
    made = sketch(" ".join(words + words))
    for column, kind in ((made.shingles, SHINGLE_TYPE), (made.terms, TERM_TYPE)):
        values = np.frombuffer(column, kind)
        assert (values[1:] > values[:-1]).all()
    assert np.frombuffer(made.positions, POSITION_TYPE).max() < 304  # a repeated shingle keeps its first place


def test_terms_are_the_long_words_and_a_quarter_of_the_han_pairs() -> None:
    assert len(sketch("the sanctions on the bank and the sanctions list").terms) == TERM_TYPE.itemsize
    pairs = "".join(chr(0x4E00 + n) for n in range(401))
    assert 70 <= len(sketch(pairs).terms) // TERM_TYPE.itemsize <= 130


def test_positions_stay_two_bytes_in_an_endless_text(write) -> None:
    made = sketch(" ".join(write("endless", 500) * 140))
    assert made.words == LONGEST_WORDS


@given(st.text())
def test_punctuation_and_case_leave_the_sketch_as_it_is(text: str) -> None:
    if text.isascii():
        assert sketch(text) == sketch(f"“{text.upper()}” …")


@given(st.lists(st.sampled_from(["ab", "cd", "ef"]), max_size=40))
def test_every_text_has_a_place_for_each_shingle(words: list[str]) -> None:
    made = sketch(" ".join(words))
    assert len(made.shingles) // SHINGLE_TYPE.itemsize == len(made.positions) // POSITION_TYPE.itemsize
    assert made.words == len(words)
