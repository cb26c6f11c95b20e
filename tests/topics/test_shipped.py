"""The shipped topics: their own tests, the seed articles, and the labelled set where it is at hand."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch import data
from mediawatch.topics.check import failed_tests
from mediawatch.topics.definition import TopicDefinition, parse_topic
from mediawatch.topics.matcher import Matcher
from small_topic import SMALL

SHIPPED = [parse_topic(body, name) for name, body in data.topics()]
LABELS = {"fentanyl": "fentanyl", "us-china": "us_china_relations", "sanctions": "sanctions"}
LEAST_F1 = {"fentanyl": 0.95, "us-china": 0.89, "sanctions": 0.94}


@pytest.mark.parametrize("topic", SHIPPED, ids=lambda topic: topic.id)
def test_a_topic_passes_its_own_tests(topic: TopicDefinition) -> None:
    assert [str(failure) for failure in failed_tests(topic)] == []


def test_a_test_that_fails_is_named_with_its_line(small: str) -> None:
    topic = parse_topic(small.replace("level: tagged", "level: primary"), "small.yaml")
    (failure,) = failed_tests(topic)
    assert (failure.got, failure.score) == ("secondary", 4.0)
    assert str(failure).startswith("line 20: 'The harbour is full.'")


TEXTS = st.text(st.sampled_from("harbour quay crane .,中美港口"), min_size=1, max_size=40).filter(str.strip)


@given(st.lists(st.tuples(TEXTS, st.sampled_from(["primary", "secondary", "tagged"])), min_size=1, max_size=5))
def test_a_topics_own_tests_always_run_and_tell_what_the_matcher_says(cases: list[tuple[str, str]]) -> None:
    tests = [{"text": "nothing", "level": "none"}, *({"text": text, "level": level} for text, level in cases)]
    body = SMALL.partition("tests:")[0] + "tests: " + json.dumps(tests)
    topic = parse_topic(body, "small.yaml")
    assert len(topic.tests) == len(tests)
    expected = []
    for test in topic.tests:
        found = Matcher([topic]).match(test.title, test.text)
        level = found[0].level if found else "none"
        right = level == test.expected or (test.expected == "tagged" and level != "none")
        expected += [] if right else [(test.text, level)]
    assert [(failure.test.text, failure.got) for failure in failed_tests(topic)] == expected


@pytest.mark.parametrize(
    ("title", "text", "topics"),
    [
        ("YNET and Gwyneth", "The military machine of Gwyneth met us in Maine.", set()),
        ("", "Sin embargo, Rusia ganó. Sem embargo, a Rússia perdeu.", set()),
        ("", "The sanctioning body of the league in Russia met.", set()),
        ("", "犯罪分子必将受到法律制裁，美国也不例外。", set()),
        ("", "中美洲国家与美国相邻。其中美国最大。", set()),
        ("", "The U.S.\nand\nChina resumed talks on\ntariffs.", {"us-china"}),
        ("", "Washington threatened Beijing with new ex\u00adport controls.", {"us-china"}),
        ("", "The fentanyl precursors came through the port.", {"fentanyl"}),
        ("", "Der Rat lockert die Russland-Sanktionen.", {"sanctions"}),
        ("", "Митинг был несанкционированным, заявили в Москве.", set()),
    ],
)
def test_known_traps_and_plain_cases(title: str, text: str, topics: set[str]) -> None:
    assert {match.topic for match in Matcher(SHIPPED).match(title, text)} == topics


def gold() -> list[dict[str, object]]:
    """The labelled set; the test skips where there is none."""
    folder = os.environ.get("MEDIAWATCH_GOLD", "")
    path = Path(folder) / "topics_dev.jsonl.gz"
    if not folder or not path.exists():
        pytest.skip("MEDIAWATCH_GOLD does not name a folder with topics_dev.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize("topic", sorted(LABELS))
def test_the_labelled_set_is_tagged_as_well_as_it_was(topic: str) -> None:
    matcher = Matcher([each for each in SHIPPED if each.id == topic])
    right = wrong = 0
    for article in gold():
        label = article["labels"][LABELS[topic]]  # type: ignore[index]
        if label != "unsure":
            expected, got = label != "none", bool(matcher.match(str(article["title"]), str(article["text"])))
            right += expected and got
            wrong += expected != got
    assert 2 * right / (2 * right + wrong) >= LEAST_F1[topic]


def test_the_example_in_the_docs_is_a_topic_that_passes_its_own_tests() -> None:
    page = (Path(__file__).parents[2] / "docs" / "topics.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    assert [str(failure) for failure in failed_tests(parse_topic(example, "topics.md"))] == []
