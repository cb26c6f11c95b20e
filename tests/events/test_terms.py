"""What a story is about: words, names, weekdays; languages apart."""

from __future__ import annotations

import pytest
from mediawatch.events.terms import terms, weekdays, words


def weight(word: str, title: str, text: str, language: str | None = "en") -> float:
    made = terms(title, text, language)
    of = dict(zip(made.hashes.tolist(), made.values.tolist(), strict=True))
    (hashed,) = terms("", word, language).hashes.tolist()
    return of.get(hashed, 0.0)


def test_a_word_weighs_more_the_more_often_it_is_used_and_most_in_the_title() -> None:
    text = "the ferry ran aground and the ferry crew waited"
    assert weight("crew", "", text) < weight("ferry", "", text) < weight("ferry", "ferry aground", text)


def test_a_name_weighs_more_than_a_common_word() -> None:
    text = "The minister met Haldane before lunch. The minister left."
    assert weight("haldane", "", text) == pytest.approx(1.5, abs=0.03)
    assert weight("lunch", "", text) == pytest.approx(1.0, abs=0.03)


def test_a_word_with_a_capital_at_the_start_of_a_sentence_only_is_no_name() -> None:
    assert weight("ferry", "", "Ferry crews waited. The ferry left.") == pytest.approx(1.69, abs=0.03)


def test_singular_and_plural_and_possessive_are_one_term_in_english() -> None:
    assert len(terms("", "ferry ferries ferry's", "en").hashes) == 1
    assert len(terms("", "Haus Häuser", "de").hashes) == 2


def test_the_same_word_in_two_languages_is_two_terms() -> None:
    assert set(terms("", "Berlin", "de").hashes) != set(terms("", "Berlin", "en").hashes)


def test_chinese_is_read_in_pairs_of_characters() -> None:
    assert [term for _, term in words("中美会谈", "zh")] == ["中美", "美会", "会谈"]


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("He said on Tuesday that", 0b10),
        ("Am Mittwoch und am Sonntag", 0b1000100),
        ("tuesdays are quiet", 0),
        ("na segunda-feira", 1),
    ],
)
def test_days_of_the_week_are_read(text: str, bits: int) -> None:
    assert weekdays(text) == bits


def test_only_the_beginning_tells_the_day() -> None:
    assert terms("", "word " * 200 + "Friday", "en").days == 0
    assert terms("", "On Friday " + "word " * 200, "en").days == 0b10000


def test_a_text_without_words_has_no_terms() -> None:
    made = terms("", "… !", "en")
    assert (made.terms, made.weights, made.days) == (b"", b"", 0)
