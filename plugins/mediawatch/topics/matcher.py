"""Which topics a text is on and the words that say so: one pass over all terms, then windows and points."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import attrgetter
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from mediawatch.models import Evidence, Level, TopicMatch
from mediawatch.topics.definition import Signal, Term, TopicDefinition
from mediawatch.topics.fold import Folded, fold, is_unspaced
from mediawatch.topics.passage import Passage

ENGINE_VERSION = "1"
"""Changes whenever the same definition and text could give another result."""

MAX_DFA_TERMS = 5_000
"""Up to so many terms the automaton is a DFA: twice as fast, and several kB of memory a term."""

ANY_LANGUAGE = "any"
MASKS = ""
"""The key of a topic's masks among its lists; no list can have this name."""


class Hit(NamedTuple):
    """A term that stands in a folded text, as a whole word."""

    term: Term
    start: int
    end: int


Hits = Mapping[str, Sequence[Hit]]
"""The hits of each list in order, none overlapping another of its list; no list without a hit."""

Found = tuple[Passage, Hits]


class Matcher:
    """Matches any number of topics at once; build it once and use it for many texts."""

    def __init__(self, definitions: Sequence[TopicDefinition]) -> None:
        self._definitions = tuple(definitions)
        owners: dict[str, list[tuple[int, str, Term]]] = defaultdict(list)
        for index, definition in enumerate(self._definitions):
            for name, terms in {**definition.lists, MASKS: definition.masks}.items():
                for term in terms:
                    owners[term.folded].append((index, name, term))
        self._owners = list(owners.values())
        fast = Implementation.DFA if len(owners) <= MAX_DFA_TERMS else None
        self._automaton = AhoCorasick(list(owners), store_patterns=False, implementation=fast)
        self._guarded = [(_is_spaced(pattern[0]), _is_spaced(pattern[-1])) for pattern in owners]

    def match(self, title: str, text: str, language: str | None = None) -> tuple[TopicMatch, ...]:
        """The topics that `title` and `text` are on, in order of the definitions, each with its evidence in order.

        Paragraphs of `text` are set apart by blank lines. Offsets of evidence count characters of `title` or `text`.
        Terms of every language count in every text, because articles quote. Only a stem (`accord*`) of a language other
        than the text's `language` does not: what ends it in another language is chance ("according").
        """
        passages = Passage(fold(title), is_title=True), Passage(fold(text), is_title=False)
        raw = [self._find(passage.folded, language) for passage in passages]
        results = []
        for topic in sorted({topic for by_topic in raw for topic in by_topic}):
            definition = self._definitions[topic]
            hits = [by_topic.get(topic, {}) for by_topic in raw]
            if any(_may_tag(definition, lists) for lists in hits):
                found = [(passage, _settle(lists)) for passage, lists in zip(passages, hits, strict=True)]
                results.append(self._judge(definition, found))
        return tuple(result for result in results if result is not None)

    def _find(self, folded: Folded, language: str | None) -> dict[int, dict[str, list[Hit]]]:
        by_topic: dict[int, dict[str, list[Hit]]] = defaultdict(lambda: defaultdict(list))
        for pattern, start, end in self._automaton.find_matches_as_indexes(folded.text, overlapping=True):
            guard_start, guard_end = self._guarded[pattern]
            if guard_start and start and _is_spaced(folded.text[start - 1]):
                continue
            word_end = _word_end(folded.text, end) if guard_end else end
            for topic, name, term in self._owners[pattern]:
                if (word_end == end or _may_end(term, language)) and _has_capitals(term, folded, start, end):
                    by_topic[topic][name].append(Hit(term, start, word_end))
        return by_topic

    def _judge(self, definition: TopicDefinition, found: Sequence[Found]) -> TopicMatch | None:
        evidence: list[Evidence] = []
        for signal in definition.signals:  # those of support come last
            if signal.support and _score(evidence) < definition.tagged:
                return None
            if all(any(name in hits for _, hits in found) for name in signal.anywhere):
                evidence += dict.fromkeys(_evidence(signal, found))  # one partner may serve several hits
        score = _score(evidence)
        if score < definition.tagged:
            return None
        level: Level = "primary" if score >= definition.primary else "secondary"
        evidence.sort(key=lambda item: (item.zone != "title", item.start, item.end, item.signal, -item.weight))
        return TopicMatch(definition.id, level, score, tuple(evidence))


# ---- words -----------------------------------------------------------------------------------------------------------


def _is_spaced(char: str) -> bool:
    """Whether `char` is part of a word in a script that sets words apart; ASCII is decided first, for speed."""
    return char.isalnum() and (char.isascii() or not is_unspaced(char))


def _word_end(text: str, end: int) -> int:
    while end < len(text) and _is_spaced(text[end]):
        end += 1
    return end


def _may_end(term: Term, language: str | None) -> bool:
    return term.any_ending and (language is None or term.language in (ANY_LANGUAGE, language))


def _has_capitals(term: Term, folded: Folded, start: int, end: int) -> bool:
    if term.capitals is None:
        return True
    first, last = folded.span(start, end)
    return folded.source[first:last] == term.capitals


# ---- hits ------------------------------------------------------------------------------------------------------------


def _may_tag(definition: TopicDefinition, lists: Mapping[str, list[Hit]]) -> bool:
    """Whether a signal has a hit in all of its lists; spares the work on the many texts where none has."""
    return any(all(name in lists for name in signal.lists) for signal in definition.signals if not signal.support)


def _settle(lists: Mapping[str, list[Hit]]) -> dict[str, list[Hit]]:
    """Drop what a mask covers, and of overlapping hits of a list all but the first and longest."""
    masked = _cover(lists.get(MASKS, []))
    settled = {
        name: list(_leftmost_longest(hit for hit in hits if not masked(hit)))
        for name, hits in lists.items()
        if name != MASKS
    }
    return {name: hits for name, hits in settled.items() if hits}


def _cover(masks: list[Hit]) -> Callable[[Hit], bool]:
    masks = sorted(masks, key=attrgetter("start"))
    starts = [mask.start for mask in masks]
    reach = [0, *accumulate((mask.end for mask in masks), max)]
    return lambda hit: reach[bisect_right(starts, hit.start)] >= hit.end


def _leftmost_longest(hits: Iterable[Hit]) -> Iterator[Hit]:
    done = 0
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if hit.start >= done:
            done = hit.end
            yield hit


def _neighbours(hit: Hit, others: Sequence[Hit]) -> tuple[Hit | None, Hit | None]:
    """The nearest of `others` that ends before `hit` and the nearest that begins after it."""
    before = bisect_right(others, hit.start, key=attrgetter("end"))
    after = bisect_left(others, hit.end, key=attrgetter("start"))
    return (others[before - 1] if before else None), (others[after] if after < len(others) else None)


def _score(evidence: Iterable[Evidence]) -> float:
    return round(sum(item.weight for item in evidence), 6)


# ---- signals ---------------------------------------------------------------------------------------------------------


def _evidence(signal: Signal, found: Sequence[Found]) -> Iterator[Evidence]:
    """For each hit that counts, until its zone's cap is reached: its evidence, and its partners' with no weight."""
    left = {zone: signal.cap * factor for zone, factor in signal.zones.items()}
    for passage, hits in found:
        for hit in hits.get(signal.lists[0], ()):
            zone = passage.zone(hit.start)
            if left[zone] <= 0:
                continue
            partners = _partners(signal, passage, hit, hits)
            if partners is None or _is_excused(signal, passage, hit, hits):
                continue
            weight = min(signal.weight * signal.zones[zone], left[zone])
            left[zone] -= weight
            yield _record(signal, passage, hit, weight)
            yield from (_record(signal, passage, partner, 0.0) for partner in partners)


def _partners(signal: Signal, passage: Passage, hit: Hit, hits: Hits) -> list[Hit] | None:
    partners = []
    for name in signal.lists[1:]:
        before, after = _neighbours(hit, hits.get(name, ()))
        if before is not None and passage.near(before.end, hit.start, signal.within):
            partners.append(before)
        elif after is not None and passage.near(hit.end, after.start, signal.within):
            partners.append(after)
        else:
            return None
    return partners


def _is_excused(signal: Signal, passage: Passage, hit: Hit, hits: Hits) -> bool:
    for name in signal.unless:
        before, after = _neighbours(hit, hits.get(name, ()))
        if before is not None and passage.near(before.end, hit.start, "sentence"):
            return True
        if after is not None and passage.near(hit.end, after.start, "sentence"):
            return True
    return False


def _record(signal: Signal, passage: Passage, hit: Hit, weight: float) -> Evidence:
    start, end = passage.folded.span(hit.start, hit.end)
    matched = passage.folded.source[start:end]
    return Evidence(signal.name, hit.term.written, matched, passage.zone(hit.start), start, end, weight)
