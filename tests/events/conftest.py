"""Short invented news: each story is about one thing, told in words that the test chooses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from itertools import count

import pytest
from mediawatch.events.group import Story
from mediawatch.events.rarity import Rarity, unlearned
from mediawatch.events.terms import terms

NOON = datetime(2024, 1, 30, 12, tzinfo=timezone.utc)
Tell = Callable[..., Story]


@pytest.fixture
def tell() -> Tell:
    """`tell(title, text, days=0)`: a story with the next id, so many days after noon of 30 January 2024."""
    ids = count(1)

    def told(title: str, text: str, days: float = 0, language: str | None = "en") -> Story:
        return Story(next(ids), terms(title, text, language), NOON + timedelta(days=days), language)

    return told


@pytest.fixture
def rarity() -> Callable[[list[Story]], Rarity]:
    """What is known after these stories."""
    return lambda stories: unlearned().after([story.terms.hashes for story in stories])
