"""What the stories of one event share, and what each has alone."""

from __future__ import annotations

from mediawatch.events.rarity import unlearned
from mediawatch.events.telling import Telling, told

RARITIES = {"en": unlearned(), "zh": unlearned()}


def tell(story_id: int, title: str, text: str, language: str = "en") -> Telling:
    return Telling(story_id, title, text, language)


def test_names_are_shared_and_angles_are_own() -> None:
    found = told(
        [
            tell(1, "Castellan Bank reopens", "The Castellan Bank said that its branches reopen. Depositors queued."),
            tell(2, "A fisherman's cheques", "At the Castellan Bank a fisherman cashed his cheques after six years."),
        ],
        RARITIES,
    )
    assert [word for word, _ in found.shared][:2] == ["Bank", "Castellan"]
    assert {count for _, count in found.shared} == {2}
    assert "Depositors" in found.own[1]
    assert "fisherman" in found.own[2]
    assert not set(found.own[1]) & set(found.own[2])


def test_one_story_alone_has_nothing_to_compare() -> None:
    assert told([tell(1, "A", "B")], RARITIES) == told([], RARITIES)


def test_stories_of_two_languages_are_told_apart() -> None:
    found = told([tell(1, "Bank", "The bank."), tell(2, "银行重开", "银行重开了。", "zh")], RARITIES)
    assert found.shared == []
    assert found.own[2]
