"""The Boolean form: what is read, what is refused and why, and that it comes to the same as lists do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mediawatch.errors import TopicError
from mediawatch.models import TopicMatch
from mediawatch.topics.definition import TopicDefinition, parse_topic, signal_query
from mediawatch.topics.matcher import Matcher
from mediawatch.topics.query import Choice, Near, QueryError, read_query, write_query

MatchSmall = Callable[..., "TopicMatch | None"]

TERMS = st.sampled_from(
    ["China", "tariff*", "=US", "trade war", "=New York", "near", "or", "中美", "30%", "a,b", "near/5"]
)
CHOICES = st.builds(
    Choice,
    st.lists(TERMS, min_size=1, max_size=3, unique=True).map(tuple),
    st.lists(st.sampled_from(["drug", "state"]), max_size=2, unique=True).map(tuple),
)
NEARS = st.builds(
    Near, st.lists(CHOICES, min_size=2, max_size=4).map(tuple), st.sampled_from([1, 10, "sentence", "paragraph"])
)
CONJUNCTS = st.lists(st.one_of(CHOICES, NEARS), min_size=1, max_size=3, unique=True).map(tuple)


def topic(query: str, more: str = "") -> TopicDefinition:
    return parse_topic(
        f"""
id: precursors
title: Precursors
definition: Articles on precursors from China.
lists: {{drug: {{en: [fentanyl, fentanylo*]}}}}
signals:
  - {{name: asked, query: '{query}', weight: 1}}
  - {{name: drug named, terms: drug, weight: 0.1}}{more}
thresholds: {{tagged: 1, primary: 5}}
tests: [{{text: x, level: none}}, {{text: y, level: tagged}}]
""",
        "asked.yaml",
    )


def test_the_example_reads_as_a_near_with_a_condition_anywhere() -> None:
    (signal, _) = topic("(fentanyl OR fentanilo*) AND near/10(China, precursor*)").signals
    definition = topic("(fentanyl OR fentanilo*) AND near/10(China, precursor*)")
    assert [[term.written for term in definition.lists[name]] for name in signal.lists] == [["China"], ["precursor*"]]
    assert signal.within == 10
    (anywhere,) = signal.anywhere
    assert [term.written for term in definition.lists[anywhere.lists[0]]] == ["fentanyl", "fentanilo*"]


@pytest.mark.parametrize(
    ("query", "text", "tagged"),
    [
        ("fentanyl AND near/3(China, precursor*)", "Fentanyl. The precursors came from China.", True),
        ("fentanyl AND near/3(China, precursor*)", "The precursors came from China.", False),
        ("fentanyl AND near/3(China, precursor*)", "Fentanyl. Precursors, as one could read there, left China.", False),
        ("near/sentence(China, =US) AND near/sentence(tea, coffee)", "The US and China. Tea or coffee.", True),
        ("near/sentence(China, =US) AND near/sentence(tea, coffee)", "The US and China. Tea. Coffee.", False),
        ("near/sentence(China, =US) OR tea", "China and us. Tea.", True),
        ("near/sentence(China, =US) OR tea", "China and us.", False),
        ('"trade war" OR "trade row"*', "Two trade rows.", True),
        ("(@drug OR heroin) AND China", "Heroin came to China.", True),
        ("(@drug OR heroin) AND China", "Fentanylos came to China.", True),
    ],
)
def test_a_query_tags_as_it_reads(query: str, text: str, tagged: bool) -> None:
    assert bool(Matcher([topic(query)]).match("", text)) is tagged


def test_the_evidence_holds_what_was_asked_for_anywhere() -> None:
    (match,) = Matcher([topic("heroin AND near/3(China, precursor*)")]).match("Heroin", "Precursors of China.")
    assert [(item.matched, item.weight) for item in match.evidence] == [
        ("Heroin", 0.0),
        ("Precursors", 0.0),
        ("China", 1.0),
    ]


def test_a_query_comes_to_the_same_as_its_lists(match_small: MatchSmall) -> None:
    lists = "near: [crane, harbour], within: 5, unless: [bird]"
    query = "query: 'near/5(crane OR cranes, @harbour)', unless: [bird]"
    unused = ("  crane: {en: [crane, cranes]}\n", "")
    for text in (
        "The crane at the harbour.",
        "A crane. A harbour.",
        "The crane's feather at the harbour.",
        "Cranes, quays.",
    ):
        assert match_small(text, "", (lists, query), unused) == match_small(text)


@pytest.mark.parametrize(
    ("query", "at", "advice"),
    [
        ("a or b", 3, "write OR in capitals"),
        ("trade war", 7, "quotes around a phrase"),
        ("a AND", 6, "ends too early"),
        ("(a OR b", 8, "opens at character 1 is never closed"),
        ("a)", 2, "')' stands where"),
        ("near/0(a, b)", 1, "1 to 100 words"),
        ("near/5(a)", 1, "2 to 4 parts"),
        ("near/5(a AND b, c)", 8, "joined by OR"),
        ("near/5 a", 1, "followed by a bracket"),
        ("a AND NOT b", 7, "there is no NOT"),
        ('"a', 1, "never closed"),
        ("@drugs", 1, "there is no list"),
        ("qu* OR b", 1, "at least 3 letters"),
        ("(" * 100 + "a" + ")" * 100, 21, "nested deeper"),
        (" AND ".join(["(a AND x OR b AND y)"] * 12), 1, "combinations"),
    ],
)
def test_a_wrong_query_is_refused_with_the_place_and_advice(query: str, at: int, advice: str) -> None:
    with pytest.raises(TopicError, match=r"^asked.yaml, line 7, column") as caught:
        topic(query)
    assert advice in str(caught.value)
    if "character" in str(caught.value) and at > 1:
        assert f"character {at} of the query" in str(caught.value)


def test_a_signal_has_one_form() -> None:
    with pytest.raises(TopicError, match="or `query`"):
        topic("a", "\n  - {name: two forms, terms: drug, query: b, weight: 1}")


@given(st.lists(CONJUNCTS, min_size=1, max_size=3, unique=True).map(tuple))
def test_what_is_written_is_read_again(conjuncts: tuple) -> None:  # type: ignore[type-arg]
    once = read_query(write_query(conjuncts))
    assert read_query(write_query(once)) == once
    atoms = {atom for conjunct in conjuncts for atom in conjunct if isinstance(atom, Near)}
    assert {atom for conjunct in once for atom in conjunct if isinstance(atom, Near)} == atoms


@given(st.text(st.sampled_from('ab ()",@*=/5 ANDORnear')))
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    try:
        found = read_query(text)
    except QueryError:
        return
    assert read_query(write_query(found)) == found


@settings(deadline=None)
@given(CONJUNCTS)
def test_the_boolean_form_of_a_compiled_query_compiles_to_the_same_signal(conjunct: tuple) -> None:  # type: ignore[type-arg]
    plain = tuple(_without_lists(atom) for atom in conjunct)
    first = topic(write_query([plain]).replace("'", "''"))
    again = topic(signal_query(first.signals[0], first).replace("'", "''"))
    assert _shape(again) == _shape(first)


def _without_lists(atom: Choice | Near) -> Choice | Near:
    if isinstance(atom, Near):
        return Near(tuple(Choice(choice.terms) for choice in atom.choices), atom.within)
    return Choice(atom.terms)


def _shape(definition: TopicDefinition) -> object:
    signal = definition.signals[0]
    groups = [(signal.lists, signal.within), *((each.lists, each.within) for each in signal.anywhere)]
    return [
        ([definition.lists[name] for name in lists], within if len(lists) > 1 else None) for lists, within in groups
    ]
