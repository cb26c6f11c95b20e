"""A topic as analysts write it, read from YAML into a frozen TopicDefinition that is known to be sound."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from operator import attrgetter
from typing import Any, Literal

import jsonschema

from mediawatch.topics.document import Document, Path, read_document
from mediawatch.topics.fold import fold, is_unspaced
from mediawatch.topics.query import Choice, Conjunct, Near, QueryError, Within, read_query, write_query

Zone = Literal["title", "lead", "body"]
Expected = Literal["primary", "secondary", "tagged", "none"]

ANY_LANGUAGE = "any"
"""Terms under this code belong to every language."""

MOST_NAMES = 20
"""So many names an error lists at most."""

MIN_STEM = 3
"""Least characters before a `*`: shorter stems hit by chance."""


@dataclass(frozen=True)
class Term:
    """A word or phrase: `written` as in the file, `folded` for matching, with any ending or with its own capitals."""

    written: str
    folded: str
    language: str
    any_ending: bool = False
    capitals: str | None = None


@dataclass(frozen=True)
class Group:
    """Hits of `lists[0]` that have one of each further list `within` reach."""

    lists: tuple[str, ...]
    within: Within = "sentence"


@dataclass(frozen=True)
class Signal:
    """Points for each hit of `lists[0]`, if each further list has a hit `within` reach, and each of `anywhere` has one.

    No hit counts that has one of `unless` in its sentence.
    In each zone the hits' weights are summed up to `cap` and multiplied by the zone's factor. A signal that is only
    `support` adds to the score of an article which the other signals have tagged; it never tags.
    """

    name: str
    lists: tuple[str, ...]
    weight: float
    cap: float
    zones: Mapping[Zone, float]
    within: Within = "sentence"
    unless: tuple[str, ...] = ()
    anywhere: tuple[Group, ...] = ()
    support: bool = False


@dataclass(frozen=True)
class TopicTest:
    """A text of the topic's own and the level that its author expects."""

    title: str
    text: str
    expected: Expected
    line: int


@dataclass(frozen=True)
class TopicDefinition:
    """A sound topic; its signals in order, those of support last.

    `definition_hash` is the SHA-256 of its content, whatever its layout, comments and order of terms.
    """

    id: str
    title: str
    definition: str
    lists: Mapping[str, tuple[Term, ...]]
    masks: tuple[Term, ...]
    signals: tuple[Signal, ...]
    tagged: float
    primary: float
    tests: tuple[TopicTest, ...]
    definition_hash: str


def parse_topic(source: str, name: str) -> TopicDefinition:
    """Read a topic from YAML text. TopicError says `name`, line, column and what to write instead."""
    document = read_document(source, name)
    _check_schema(document)
    queries = {
        index: _query(document, ("signals", index, "query"), signal["query"])
        for index, signal in enumerate(document.value["signals"])
        if "query" in signal
    }
    _check_lists(document, queries)
    value = document.value
    lists = {key: _terms(document, ("lists", key)) for key in value.get("lists", {})}
    signals: list[Signal] = []
    for index, each in enumerate(value["signals"]):
        if index in queries:
            signals += _of_query(document, ("signals", index, "query"), each, queries[index], lists)
        else:
            signals.append(_signal(each, _group(each), _groups(each)))
    return TopicDefinition(
        id=value["id"],
        title=value["title"].strip(),
        definition=" ".join(value["definition"].split()),
        lists=lists,
        masks=_terms(document, ("masks",)) if "masks" in value else (),
        signals=tuple(sorted(signals, key=attrgetter("support"))),
        tagged=float(value["thresholds"]["tagged"]),
        primary=float(value["thresholds"]["primary"]),
        tests=tuple(_tests(document)),
        definition_hash=_hash(value),
    )


# ---- the schema's verdict, in words ----------------------------------------------------------------------------------


@cache
def _validator() -> jsonschema.Draft202012Validator:
    text = (files("mediawatch.data") / "topic.schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def _check_schema(document: Document) -> None:
    error = next(
        iter(sorted(_validator().iter_errors(document.value), key=lambda e: document.position(e.absolute_path))), None
    )
    if error is not None:
        raise document.error(*_explain(error))


def _explain(error: Any) -> tuple[Path, str]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", ()))
        key = next(key for key in error.instance if key not in known)
        return (*path, key), f"there is no key {key!r} here; {_did_you_mean(key, known)}"
    if error.validator == "required":
        return path, f"{error.message}; write {error.schema.get('description', 'it')}"
    if error.validator == "oneOf" and "near" in error.schema.get("properties", ()):
        return (
            path,
            "a signal has either `terms` (one list), or `near` (two to four) together with `within`, or `query`",
        )
    advice = error.schema.get("description") or getattr(error.parent, "schema", {}).get("description", "")
    return path, f"{_shown(error.instance)} will not do; write {advice}"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    known = list(known)
    close = get_close_matches(word, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"write one of: {', '.join(known[:MOST_NAMES])}{', …' if len(known) > MOST_NAMES else ''}"


# ---- what a schema cannot say ----------------------------------------------------------------------------------------


def _check_lists(document: Document, queries: Mapping[int, tuple[Conjunct, ...]]) -> None:
    value = document.value
    lists = value.get("lists", {})
    unused = dict.fromkeys(lists)
    for path, name in _references(value["signals"], queries):
        if name not in lists:
            raise document.error(path, f"there is no list {name!r}; {_did_you_mean(name, lists)}")
        unused.pop(name, None)
    for name in unused:
        raise document.error(("lists", name), f"no signal uses the list {name!r}; use it or delete it")
    if all(signal.get("support") for signal in value["signals"]):
        raise document.error(("signals",), "every signal is only support; at least one must be able to tag")
    names = [signal["name"] for signal in value["signals"]]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise document.error(("signals", index, "name"), f"two signals are called {name!r}; rename one")
    if value["thresholds"]["primary"] < value["thresholds"]["tagged"]:
        raise document.error(("thresholds", "primary"), "primary must be as high as tagged, or higher")


def _references(
    signals: list[dict[str, Any]], queries: Mapping[int, tuple[Conjunct, ...]]
) -> Iterator[tuple[Path, str]]:
    for index, signal in enumerate(signals):
        if "terms" in signal:
            yield ("signals", index, "terms"), signal["terms"]
        for key in ("near", "unless", "anywhere"):
            for place, named in enumerate(signal.get(key, ())):
                for name in [named] if isinstance(named, str) else named["near"]:
                    yield ("signals", index, key, place), name
        for choice in _choices(queries.get(index, ())):
            for name in choice.lists:
                yield ("signals", index, "query"), name


def _choices(conjuncts: Iterable[Conjunct]) -> Iterator[Choice]:
    for atom in (atom for conjunct in conjuncts for atom in conjunct):
        yield from atom.choices if isinstance(atom, Near) else [atom]


def _terms(document: Document, path: Path) -> tuple[Term, ...]:
    by_language = document.value
    for step in path:
        by_language = by_language[step]
    terms: dict[tuple[str, str], Term] = {}
    for language, written in by_language.items():
        for index, text in enumerate(written):
            term = _term(document, (*path, language, index), text, language)
            # A whole word counts in every language, so that once is enough; a stem in its own.
            terms.setdefault((text, language if term.any_ending else ""), term)
    return tuple(terms.values())


def _term(document: Document, path: Path, written: str, language: str) -> Term:
    body = written.strip()
    exact, any_ending = body.startswith("="), body.endswith("*")
    body = body.removeprefix("=").removesuffix("*").strip()
    folded = fold(body).text
    if "*" in body:
        raise document.error(path, f"{written!r}: a * may stand at the end only; write each form as a term of its own")
    if not any(char.isalnum() for char in folded):
        raise document.error(path, f"{written!r} has no letter or digit; write a word")
    if any_ending and len(folded) < MIN_STEM and not is_unspaced(folded[0]):
        raise document.error(path, f"{written!r} would hit too much; write at least {MIN_STEM} letters before the *")
    return Term(written, folded, language, any_ending, body if exact else None)


def _signal(value: dict[str, Any], hits: Group, anywhere: tuple[Group, ...]) -> Signal:
    zones: dict[Zone, float] = {"title": 1.0, "lead": 1.0, "body": 1.0}
    return Signal(
        name=value["name"],
        lists=hits.lists,
        weight=float(value["weight"]),
        cap=float(value.get("cap", "inf")),
        zones={**zones, **value.get("zones", {})},
        within=hits.within,
        unless=tuple(value.get("unless", ())),
        anywhere=anywhere,
        support=value.get("support", False),
    )


def _group(value: dict[str, Any]) -> Group:
    return Group((value["terms"],)) if "terms" in value else Group(tuple(value["near"]), value["within"])


def _groups(value: dict[str, Any]) -> tuple[Group, ...]:
    return tuple(Group((each,)) if isinstance(each, str) else _group(each) for each in value.get("anywhere", ()))


# ---- the Boolean form ------------------------------------------------------------------------------------------------


def _query(document: Document, path: Path, text: str) -> tuple[Conjunct, ...]:
    try:
        return read_query(text)
    except QueryError as error:
        raise document.error(path, f"character {error.at + 1} of the query: {error}") from None


def _of_query(
    document: Document,
    path: Path,
    value: dict[str, Any],
    conjuncts: tuple[Conjunct, ...],
    lists: dict[str, tuple[Term, ...]],
) -> Iterator[Signal]:
    """A signal for each conjunct. What a choice names becomes a list of its own, under a name that no file can use."""

    def named(choice: Choice) -> str:
        if len(choice.lists) == 1 and not choice.terms:
            return choice.lists[0]
        name = write_query([(choice,)])
        terms = [_term(document, path, term, ANY_LANGUAGE) for term in choice.terms]
        lists[name] = tuple(dict.fromkeys([*terms, *(term for other in choice.lists for term in lists[other])]))
        return name

    def grouped(atom: Choice | Near) -> Group:
        if isinstance(atom, Near):
            return Group(tuple(map(named, atom.choices)), atom.within)
        return Group((named(atom),))

    for conjunct in conjuncts:
        hits = next((atom for atom in conjunct if isinstance(atom, Near)), conjunct[0])
        others = tuple(grouped(atom) for atom in conjunct if atom is not hits)
        yield _signal(value, grouped(hits), (*others, *_groups(value)))


def signal_query(signal: Signal, definition: TopicDefinition) -> str:
    """The Boolean form of a signal's condition; its masks, `unless`, points and zones are not part of it."""
    return write_query(
        [tuple(_atom(each, definition) for each in (Group(signal.lists, signal.within), *signal.anywhere))]
    )


def points(number: float) -> str:
    """`1 point`, `2.5 points`."""
    return f"{number:g} point{'s' if number != 1 else ''}"


def _atom(group: Group, definition: TopicDefinition) -> Choice | Near:
    choices = tuple(Choice(tuple(term.written for term in definition.lists[name])) for name in group.lists)
    return Near(choices, group.within) if len(choices) > 1 else choices[0]


def _tests(document: Document) -> Iterator[TopicTest]:
    tests = document.value["tests"]
    if len({test["level"] == "none" for test in tests}) < 2:
        raise document.error(("tests",), "write at least one test with level none and one with another level")
    for index, test in enumerate(tests):
        line, _ = document.position(("tests", index))
        yield TopicTest(test.get("title", ""), test["text"], test["level"], line)


def _hash(value: dict[str, Any]) -> str:
    def canonical(item: Any, path: Path = ()) -> Any:
        if isinstance(item, dict):
            return {key: canonical(inner, (*path, key)) for key, inner in item.items()}
        if isinstance(item, list):
            inner = [canonical(each, (*path, index)) for index, each in enumerate(item)]
            return sorted(set(inner)) if path[0] in ("lists", "masks") else inner
        if isinstance(item, str):
            return " ".join(item.split()) if path[0] != "tests" else item
        return float(item)  # 2 and 2.0 are the same

    text = json.dumps(canonical(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
