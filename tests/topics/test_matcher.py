"""What matches, where, for how many points."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mediawatch import data
from mediawatch.models import TopicMatch
from mediawatch.topics.definition import parse_topic
from mediawatch.topics.matcher import Matcher

MatchSmall = Callable[..., "TopicMatch | None"]
ALL = Matcher([parse_topic(body, name) for name, body in data.topics()])
FILLER = "The choir sang until the rain had stopped and everybody went home. " * 20


def words(match: TopicMatch | None) -> list[str]:
    """The words that counted."""
    return [item.matched for item in match.evidence if item.weight] if match else []


@pytest.mark.parametrize("text", ["The quays", "a harbor", "aharbour", "hpa", "quay2", "unquay", "puertorriqueño"])
def test_parts_of_words_do_not_match(match_small: MatchSmall, text: str) -> None:
    assert match_small(text) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("The harbourmaster's hat", "harbourmaster"),
        ("the QUAY.", "QUAY"),
        ("(quay)", "quay"),
        ("old-quay-side", "quay"),
        ("quay's end", "quay"),
        ("the HPA said", "HPA"),
        ("上海港口很大", "港口"),
        ("HPA港口", "HPA"),
        ("El Puérto", "Puérto"),
        ("the qu\u00aday", "qu\u00aday"),
    ],
)
def test_words_match_as_their_script_sets_them_apart(match_small: MatchSmall, text: str, word: str) -> None:
    assert words(match_small(text))[0] == word


def test_a_mask_cancels_the_hit_inside_it_and_no_other(match_small: MatchSmall) -> None:
    assert match_small("Sin embargo llovió. 中美洲下雨。") is None
    match = match_small("Sin\nembargo, el embargo sigue. 中美会谈。")
    assert words(match) == ["embargo", "中美"]
    assert match is not None
    assert match.evidence[0].start == 16


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("The crane stood on the old harbour wall.", True),
        ("The harbour\nhas one\nnew crane.", True),
        ("The crane one two three four five harbour.", True),
        ("The crane one two three four five six harbour.", False),
        ("The crane left.\n\nThe harbour is empty.", False),
    ],
)
def test_near_counts_the_words_between_and_stays_in_the_paragraph(
    match_small: MatchSmall, text: str, near: bool
) -> None:
    match = match_small(text)
    assert match is not None
    assert ("crane at a harbour" in {item.signal for item in match.evidence}) is near


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("The crane of Mr. Smith and the U.S. Coast Guard fell on Jan. 30 near no. 5 of the harbour.", True),
        ("The crane fell. The harbour closed.", False),
        ("The crane fell! Harbour closed.", False),
        ("Der crane kostet 3.5 Mio. Euro im harbour.", True),
        ("crane倒了。harbour关了", False),
    ],
)
def test_a_sentence_does_not_end_at_an_abbreviation(match_small: MatchSmall, text: str, near: bool) -> None:
    match = match_small(text, "", ("within: 5", "within: sentence"))
    assert match is not None
    assert ("crane at a harbour" in {item.signal for item in match.evidence}) is near


def test_a_hit_is_excused_by_a_word_in_its_own_sentence_only(match_small: MatchSmall) -> None:
    excused = match_small("The crane has a broken feather at the harbour.")
    counted = match_small("The crane is at the harbour. A feather fell.")
    assert "crane at a harbour" not in {item.signal for item in excused.evidence}  # type: ignore[union-attr]
    assert "crane at a harbour" in {item.signal for item in counted.evidence}  # type: ignore[union-attr]


def test_anywhere_asks_for_a_hit_however_far_away(match_small: MatchSmall) -> None:
    change = ("unless: [bird]", "anywhere: [bird]")
    text = "The crane is at the harbour."
    assert "crane at a harbour" not in {i.signal for i in match_small(text, "", change).evidence}  # type: ignore[union-attr]
    far = f"{text}\n\n{FILLER}\n\nA feather fell."
    assert "crane at a harbour" in {i.signal for i in match_small(far, "", change).evidence}  # type: ignore[union-attr]


def test_support_adds_points_but_never_tags(match_small: MatchSmall) -> None:
    change = ("near: [crane, harbour], within: 5, unless: [bird]", "terms: bird, support: true")
    used = ("crane: {en: [crane, cranes]}\n", "\n")
    assert match_small("A feather, a beak, a feather.", "", change, used) is None
    match = match_small("A quay. A feather.", "", change, used)
    assert match is not None
    assert match.score == 5  # the quay 2, the feather 1, and 2 more for the quay in the lead


def test_zones_multiply_and_caps_hold_in_each_zone(match_small: MatchSmall) -> None:
    text = f"Quay, quay, quay.\n\n{FILLER}\n\nQuay, quay, quay."
    match = match_small(text, "Quay")
    assert match is not None
    by_zone = {zone: sum(i.weight for i in match.evidence if i.zone == zone) for zone in ("title", "lead", "body")}
    assert by_zone == {"title": 6, "lead": 8, "body": 4}
    assert (match.score, match.level) == (18, "primary")


def test_the_longest_of_overlapping_terms_counts_once(match_small: MatchSmall) -> None:
    match = match_small("old harbour quay", "", ("quay,", "quay, harbour quay, old harbour quay,"))
    assert words(match) == ["old harbour quay"]


def test_a_stem_that_two_languages_share_counts_in_both_and_in_no_third(small: str) -> None:
    shared = small.replace("[crane, cranes]", "[cran*], es: [cran*]")
    matcher = Matcher([parse_topic(shared, "small.yaml")])
    signals = {
        language: {item.signal for item in matcher.match("", "A cranage at the harbour.", language)[0].evidence}
        for language in ("en", "es", "fr")
    }
    assert ["crane at a harbour" in signals[language] for language in ("en", "es", "fr")] == [True, True, False]


def test_no_topic_and_no_text_make_no_match() -> None:
    assert Matcher([]).match("Title", "Text") == ()
    assert ALL.match("", "") == ()


def test_evidence_cuts_its_words_out_of_the_stored_text() -> None:
    title = "“US–China” talks:  Straße"
    text = "The U.S. impo\u00adsed  new\nsanctions on Chinese ﬁrms over fentanyl precursors; Ｃｈｉｎａ objected."
    matches = ALL.match(title, text)
    assert {match.topic for match in matches} == {"fentanyl", "sanctions", "us-china"}
    for item in (item for match in matches for item in match.evidence):
        assert (title if item.zone == "title" else text)[item.start : item.end] == item.matched


LATIN = "fentanyl overdose sanctions EU Russia sin embargo US us China tariffs talks the judge Taiwan Trump sanctioned"
OTHER = "中美 制裁 法律制裁 美国 芬太尼 санкции США ß “ . ,"
PIECES = st.sampled_from([*LATIN.split(), *OTHER.split(), ".\n\n", "\n", "\u00ad", "\u200b"])


@given(st.lists(PIECES, max_size=40), st.lists(PIECES, max_size=8))
def test_offsets_cut_out_the_evidence_and_weights_add_up_to_the_score(body: list[str], head: list[str]) -> None:
    title, text = " ".join(head), " ".join(body)
    for match in ALL.match(title, text):
        assert match.score == pytest.approx(sum(item.weight for item in match.evidence))
        for item in match.evidence:
            source = title if item.zone == "title" else text
            assert source[item.start : item.end] == item.matched
            first, last = item.sentence
            assert first <= item.start < item.end <= last <= len(source)
            assert source[first:last].strip() == source[first:last]
        assert len(set(match.evidence)) == len(match.evidence)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30), st.lists(PIECES, max_size=30))
def test_text_far_away_never_removes_a_tag(near: list[str], far: list[str]) -> None:
    text = " ".join(near)
    before = {match.topic for match in ALL.match("", text)}
    after = {match.topic for match in ALL.match("", f"{text}\n\n{FILLER}\n\n{' '.join(far)}")}
    assert before <= after
