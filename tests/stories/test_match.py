"""Matching: which pairs of texts are one piece of writing, and which only share some."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mediawatch.models import Match
from mediawatch.stories.match import MERGING, match
from mediawatch.stories.sketch import sketch


def compare(a: list[str], b: list[str]) -> Match | None:
    return match(sketch(" ".join(a)), sketch(" ".join(b)))


def related(a: list[str], b: list[str]) -> Match:
    found = compare(a, b)
    assert found is not None
    return found


def test_the_same_words_are_exact_whatever_their_punctuation() -> None:
    found = match(sketch("Talks end — without result."), sketch("talks end, without RESULT"))
    assert found is not None
    assert (found.kind, found.score, found.part) == ("exact", 1.0, "all")


def test_two_empty_texts_are_no_copies() -> None:
    assert match(sketch(""), sketch("…")) is None


def test_strangers_are_no_link(write) -> None:
    assert compare(write("ferry"), write("budget")) is None


@pytest.mark.parametrize("share", [0.02, 0.05, 0.15])
@pytest.mark.parametrize("words", [120, 400, 1500])
def test_a_copy_with_words_changed_all_over_is_edited(write, edit, share: float, words: int) -> None:
    text = write("tariff", words)
    found = related(text, edit(text, share))
    assert found.kind == "edited"
    assert min(found.covered_a, found.covered_b) > 0.85
    assert found.part == "all"


def test_the_score_falls_with_each_word_changed(write, edit) -> None:
    text = write("tariff", 1200)
    light, heavy = related(text, edit(text, 0.03)), related(text, edit(text, 0.15))
    assert 1 > light.score > heavy.score > 0.7


@pytest.mark.parametrize("share", [0.15, 0.4, 0.6])
def test_a_lead_cut_off_is_a_cut(write, share: float) -> None:
    text = write("strike", 800)
    found = related(text, text[: int(800 * share)])
    assert (found.kind, found.part) == ("cut", "lead")
    assert found.covered_b > 0.95
    assert found.covered_a == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize(("start", "end", "part"), [(0, 300, "lead"), (250, 550, "middle"), (500, 800, "end")])
def test_the_part_says_where_the_longer_text_holds_the_cut(write, start: int, end: int, part: str) -> None:
    text = write("strike", 800)
    assert related(text[start:end], text).part == part


def test_sixty_words_of_a_lead_are_a_cut_of_a_long_article(write) -> None:
    text = write("lead", 1200)
    assert related(text, text[:60]).kind == "cut"


def test_a_cut_may_be_edited_and_have_other_first_and_last_sentences(write, edit) -> None:
    text = write("wrap", 900)
    wrapped = write("agency intro", 12) + edit(text[:360], 0.05) + write("agency outro", 14)
    assert related(text, wrapped).kind == "cut"


def test_four_fifths_of_a_story_inside_a_round_up_are_contained_and_no_cut(write) -> None:
    story = write("first", 600)
    roundup = write("second", 500) + story[:480] + write("third", 500)
    assert related(story, roundup).kind == "contains"


def test_a_long_block_quote_only_shares_text(write) -> None:
    quote = write("minister", 150)
    found = related(write("ours", 250) + quote, quote + write("theirs", 350))
    assert found.kind == "shares_text"
    assert found.kind not in MERGING


def test_a_retelling_that_keeps_every_third_phrase_is_no_copy(write, edit) -> None:
    statement = write("statement", 300)
    found = compare(statement, edit(statement, 0.35))
    assert found is None or found.kind not in MERGING


def test_two_versions_that_each_gained_a_passage_are_edited(write) -> None:
    text = write("version", 700)
    assert related(text + write("early", 150), text[:350] + write("late", 150) + text[350:]).kind == "edited"


def test_paragraphs_in_another_order_are_still_covered(write) -> None:
    text = write("order", 600)
    found = related(text, text[300:] + text[:300])
    assert found.kind == "edited"
    assert found.score > 0.9


def test_a_short_text_is_a_copy_only_when_it_is_the_same(write) -> None:
    flash = write("flash", 40)
    assert compare(flash, [*flash, "more"]) is None
    assert related(flash, flash).kind == "exact"


def test_texts_in_han_are_matched_by_characters(write) -> None:
    text = "".join(chr(0x4E00 + sum(map(ord, word)) * 7 % 5000) for word in write("han", 500))
    found = match(sketch(text), sketch(text[:200] + "。" + text[210:]))
    assert found is not None
    assert found.kind == "edited"


@settings(deadline=None, max_examples=40)
@given(start=st.integers(0, 350), length=st.integers(60, 350), seed=st.integers(0, 9))
def test_a_match_reads_the_same_from_both_sides(write, start: int, length: int, seed: int) -> None:
    text = write(f"mirror {seed}", 700)
    other = write(f"other {seed}", 100) + text[start : start + length]
    there, back = compare(text, other), compare(other, text)
    if there is None or back is None:
        assert there is back
    else:
        assert (there.kind, there.shared) == (back.kind, back.shared)
        assert there.covered_a == pytest.approx(back.covered_b, abs=0.02)
        assert 0 <= there.score <= 1
