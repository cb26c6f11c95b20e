"""A small topic in YAML, and a matcher made of it with changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from mediawatch.models import TopicMatch
from mediawatch.topics.definition import parse_topic
from mediawatch.topics.matcher import Matcher
from small_topic import SMALL


@pytest.fixture
def small() -> str:
    """The topic as YAML text."""
    return SMALL


@pytest.fixture
def match_small() -> Callable[..., TopicMatch | None]:
    """Matches text (and title) with the topic, in which each `changes` pair of strings was replaced."""

    def match(text: str, title: str = "", *changes: tuple[str, str]) -> TopicMatch | None:
        source = SMALL
        for old, new in changes:
            assert old in source
            source = source.replace(old, new)
        found = Matcher([parse_topic(source, "small.yaml")]).match(title, text)
        return found[0] if found else None

    return match
