"""Reading topics: what is understood, what is refused, and in which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch import data
from mediawatch.errors import TopicError
from mediawatch.topics.definition import parse_topic
from mediawatch.topics.document import MAX_CHARACTERS, read_document


def test_a_topic_is_read_with_its_terms_and_signals(small: str) -> None:
    topic = parse_topic(small, "small.yaml")
    assert (topic.id, topic.tagged, topic.primary) == ("harbours", 2.0, 8.0)
    assert [term.folded for term in topic.lists["harbour"]] == [
        "harbour",
        "quay",
        "hpa",
        "puerto",
        "embargo",
        "港口",
        "中美",
    ]
    assert [(term.any_ending, term.capitals) for term in topic.lists["harbour"]][:3] == [
        (True, None),
        (False, None),
        (False, "HPA"),
    ]
    assert topic.signals[1].lists == ("crane", "harbour")
    assert topic.signals[1].within == 5


@pytest.mark.parametrize(
    ("old", "new", "where", "advice"),
    [
        ("thresholds:", "thresholsd:", "line 18", "did you mean 'thresholds'?"),
        ("weight: 2", "weight: much", "line 16, column 51", "a number above 0"),
        ("terms: harbour", "terms: harbor", "line 16, column 34", "did you mean 'harbour'?"),
        ("[crane, cranes]", "[crane, 12]", "line 10", "quotes around numbers"),
        ("quay", "qu*ay", "line 7", "at the end only"),
        ("quay", "qu*", "line 7", "at least 3 letters"),
        ("quay", '"--"', "line 7", "no letter or digit"),
        ("primary: 8", "primary: 1", "line 18", "as high as tagged"),
        ("within: 5, ", "", "line 17", "together with `within`"),
        ("terms: harbour, ", "", "line 16", "either `terms`"),
        ("unless: [bird], ", "", "line 11", "no signal uses the list 'bird'"),
        ("name: crane at a harbour", "name: harbour named", "line 17", "rename one"),
        ("level: none", "level: tagged", "line 20", "at least one test with level none"),
        ("level: none", "level: no", "line 21", "secondary, tagged"),
        ("title: Harbours", "title: Harbours\ntitle: Ports", "line 4", "written twice"),
        ("quay", "&quay quay", "line 7", "anchors"),
        ("quay", "*quay", "line 7", "aliases"),
        ("quay", "@quay", "line 7", "put quotes around the text"),
        ("terms: harbour", "terms: harbour, query: quay", "line 16", "or `query`"),
        ("unless: [bird]", "anywhere: [{near: [bird, quays], within: 3}]", "line 17", "there is no list 'quays'"),
        ("quay", "!!python/name:os.system x", "line 7", "plain value"),
        ("id: harbours", "id: [harbours", "line 3", "expected"),
        ("id: harbours", "id: Old Harbours", "line 2", "us-china"),
        ("title: Harbours\n", "", "line 2", "'title' is a required property"),
        ("crane: {en:", "crane: {english:", "line 10", "a language code"),
        ("cap: 3}", "cap: 3, support: true}", None, None),
    ],
)
def test_an_error_says_where_it_is_and_what_to_write(
    small: str, old: str, new: str, where: str | None, advice: str | None
) -> None:
    assert old in small
    if where is None or advice is None:
        assert parse_topic(small.replace(old, new), "small.yaml").signals[1].support
        return
    with pytest.raises(TopicError) as caught:
        parse_topic(small.replace(old, new), "small.yaml")
    assert str(caught.value).startswith(f"small.yaml, {where}")
    assert advice in str(caught.value)


def test_language_codes_and_words_like_no_and_yes_stay_words() -> None:
    document = read_document("no: [yes, on, 1e3, 0x1F, ~, 2001-01-01]\n", "x.yaml")
    assert document.value == {"no": ["yes", "on", "1e3", "0x1F", "~", "2001-01-01"]}


def test_the_hash_knows_content_and_not_layout(small: str) -> None:
    first = parse_topic(small, "a.yaml").definition_hash
    again = small.replace("[crane, cranes]", "[cranes,   crane]").replace("weight: 2,", "weight: 2.0,") + "# a remark\n"
    assert parse_topic(again, "b.yaml").definition_hash == first
    assert parse_topic(small.replace("quay", "pier"), "a.yaml").definition_hash != first
    assert parse_topic(small.replace("weight: 2,", "weight: 3,"), "a.yaml").definition_hash != first


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 90_000,
        "{a: " * 40_000,
        "- " * 90_000,
        "a: " + "x" * MAX_CHARACTERS,
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
        "? [a, b]\n: c",
        "!!python/object/apply:os.system [ls]",
        "a: \x00",
        "--- a\n--- b",
        "",
        "%YAML 9.9\n---\na: b",
        "[" + "[]," * 60_000 + "]",
        "{" + ", ".join(f"k{number}: 1" for number in range(15_000)) + "}",
    ],
    ids=lambda text: text[:12].replace("\x00", "NUL"),
)
def test_hostile_yaml_is_refused_at_bounded_cost(hostile: str) -> None:
    with pytest.raises(TopicError):
        parse_topic(hostile, "hostile.yaml")


@given(st.text(st.sampled_from("abc:-[]{}&*!?|>'\"#%@ \n0.\x00é"), max_size=80))
def test_whatever_is_written_is_a_topic_or_a_topic_error(text: str) -> None:
    with pytest.raises(TopicError):
        parse_topic(text, "any.yaml")


def test_the_shipped_topics_are_three_and_in_seven_languages() -> None:
    topics = [parse_topic(body, name) for name, body in data.topics()]
    assert [topic.id for topic in topics] == ["fentanyl", "sanctions", "us-china"]
    for topic in topics:
        languages = {term.language for terms in topic.lists.values() for term in terms}
        assert languages >= {"en", "es", "pt", "de", "fr", "ru", "zh"}
