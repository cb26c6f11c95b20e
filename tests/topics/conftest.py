"""A small topic in YAML, and a matcher made of it with changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from mediawatch.models import TopicMatch
from mediawatch.topics.definition import parse_topic
from mediawatch.topics.matcher import Matcher

SMALL = """
id: harbours
title: Harbours
definition: Articles on harbours, their cranes and their ships.
lists:
  harbour:
    en: [harbour*, quay, =HPA]
    es: [puerto, embargo]
    zh: [港口, 中美]
  crane: {en: [crane, cranes]}
  bird: {en: [feather*, beak]}
masks:
  es: [sin embargo]
  zh: [中美洲]
signals:
  - {name: harbour named, terms: harbour, weight: 2, cap: 4, zones: {title: 3, lead: 2, body: 1}}
  - {name: crane at a harbour, near: [crane, harbour], within: 5, unless: [bird], weight: 1, cap: 3}
thresholds: {tagged: 2, primary: 8}
tests:
  - {text: The harbour is full., level: tagged}
  - {text: The field is empty., level: none}
"""


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
