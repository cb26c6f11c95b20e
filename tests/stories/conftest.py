"""Articles of made-up words, so that each test says exactly how two texts differ."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

Write = Callable[..., list[str]]
Edit = Callable[[list[str], float], list[str]]

SYLLABLES = [a + b for a in "bdfgklmnprst" for b in "aeiou"]


def _word(dice: random.Random, syllables: int) -> str:
    return "".join(dice.choice(SYLLABLES) for _ in range(syllables))


_DICE = random.Random("everybody's words")
SHORT = [_word(_DICE, n % 2 + 1) for n in range(200)]
LONG = [_word(_DICE, 3) for _ in range(1500)]


@pytest.fixture(scope="session")
def write() -> Write:
    """`write(subject, words=400)`: an article with its own subject; six words in ten are everybody's."""

    def article(subject: str, words: int = 400) -> list[str]:
        dice = random.Random(subject)
        own = [_word(dice, 4) for _ in range(60)]
        return [dice.choice(dice.choices([own, LONG, SHORT], [4, 2, 4])[0]) for _ in range(words)]

    return article


@pytest.fixture(scope="session")
def edit() -> Edit:
    """`edit(words, share)`: the text with that share of its words replaced, dropped or doubled, evenly at random."""

    def edited(words: list[str], share: float) -> list[str]:
        dice = random.Random(f"{share} {words[0]}")
        result: list[str] = []
        for word in words:
            if dice.random() >= share:
                result.append(word)
            else:
                result.extend(dice.choice([[], [_word(dice, 3)], [word, _word(dice, 3)]]))
        return result

    return edited
