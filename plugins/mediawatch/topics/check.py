"""Runs a topic's own tests."""

from __future__ import annotations

from dataclasses import dataclass

from mediawatch.topics.definition import TopicDefinition, TopicTest, points
from mediawatch.topics.matcher import Matcher


@dataclass(frozen=True)
class FailedTest:
    """A test of a topic's own that came out otherwise; `got` is a level or none."""

    test: TopicTest
    got: str
    score: float

    def __str__(self) -> str:
        start = (self.test.title or self.test.text)[:60]
        return f"line {self.test.line}: {start!r} is {self.got} ({points(self.score)}), not {self.test.expected}"


def failed_tests(definition: TopicDefinition) -> tuple[FailedTest, ...]:
    """The topic's own tests that fail, in order; none means that the topic does what its author says."""
    matcher = Matcher([definition])
    return tuple(failure for test in definition.tests if (failure := _run(matcher, test)))


def _run(matcher: Matcher, test: TopicTest) -> FailedTest | None:
    found = matcher.match(test.title, test.text)
    level, score = (found[0].level, found[0].score) if found else ("none", 0.0)
    passed = level != "none" if test.expected == "tagged" else level == test.expected
    return None if passed else FailedTest(test, level, score)
