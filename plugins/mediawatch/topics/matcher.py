"""Which topics a text is on and the words that say so: one pass over all terms, then windows and points."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, count
from operator import attrgetter
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from mediawatch.models import Evidence, Level, TopicMatch
from mediawatch.topics.definition import ANY_LANGUAGE, Group, Signal, Term, TopicDefinition
from mediawatch.topics.fold import Folded, fold, is_unspaced
from mediawatch.topics.passage import Passage

ENGINE_VERSION = "2"
"""Changes whenever the same definition and text could give another result."""

ROUNDING = 1e-6
"""Scores are sums of floating points, rounded to so much."""

MAX_DFA_TERMS = 5_000
"""Up to so many terms the automaton is a DFA: twice as fast, and several kB of memory a term."""

_ASCII_WORD = frozenset(char for char in map(chr, range(128)) if char.isalnum())

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


class Idle(NamedTuple):
    """A term that stands in an article and that no signal counts: nothing is near it, or something excuses it."""

    list: str
    term: str
    matched: str
    zone: str
    start: int
    end: int


class Trace(NamedTuple):
    """What a topic sees in an article; `level` is none where the score does not reach the threshold."""

    topic: str
    level: str
    score: float
    evidence: tuple[Evidence, ...]
    idle: tuple[Idle, ...]


class Owner(NamedTuple):
    """A list that a pattern is a term of; `list_id` is its number among all lists of all topics."""

    topic: int
    name: str
    list_id: int
    term: Term


class Pattern(NamedTuple):
    """What the automaton's pattern with the same number has to fulfil to be a word, and whose term it then is."""

    guards_start: bool
    guards_end: bool
    has_stem: bool
    has_capitals: bool
    owners: tuple[Owner, ...]


class Promise(NamedTuple):
    """The most points that a signal can give: for each hit and in all, in the title and in the text."""

    topic: int
    partners: tuple[int, ...]
    units: tuple[float, float]
    caps: tuple[float, float]


class Matcher:
    """Matches any number of topics at once; build it once and use it for many texts."""

    def __init__(self, definitions: Sequence[TopicDefinition]) -> None:
        self._definitions = tuple(definitions)
        owners: dict[str, list[Owner]] = defaultdict(list)
        self._promises: dict[int, list[Promise]] = defaultdict(list)
        list_ids = count()
        for index, definition in enumerate(self._definitions):
            ids = {name: next(list_ids) for name in [MASKS, *definition.lists]}
            for name, terms in {**definition.lists, MASKS: definition.masks}.items():
                for term in terms:
                    owners[term.folded].append(Owner(index, name, ids[name], term))
            for signal in definition.signals:
                if not signal.support:
                    self._promises[ids[signal.lists[0]]].append(_promise(index, signal, ids))
        self._patterns = [_pattern(folded, owned) for folded, owned in owners.items()]
        fast = Implementation.DFA if len(owners) <= MAX_DFA_TERMS else None
        self._automaton = AhoCorasick(list(owners), store_patterns=False, implementation=fast)

    def match(self, title: str, text: str, language: str | None = None) -> tuple[TopicMatch, ...]:
        """The topics that `title` and `text` are on, in order of the definitions, each with its evidence in order.

        Paragraphs of `text` are set apart by blank lines. Offsets of evidence count characters of `title` or `text`.
        Terms of every language count in every text, because articles quote. Only a stem (`accord*`) of a language other
        than the text's `language` does not: what ends it in another language is chance ("according").
        """
        folded = fold(title), fold(text)
        raw = [self._find(each, language) for each in folded]
        topics = self._candidates(raw)
        if not topics:
            return ()
        passages = Passage(folded[0], is_title=True), Passage(folded[1], is_title=False)
        hits = [_by_topic(each, topics) for each in raw]
        results = (
            self._judge(self._definitions[topic], [(p, _settle(h[topic])) for p, h in zip(passages, hits, strict=True)])
            for topic in topics
        )
        return tuple(result for result in results if result is not None)

    def _find(self, folded: Folded, language: str | None) -> list[tuple[Owner, int, int]]:
        """Each term that stands in the text as a word, its start and its end. The inner loop: lean, not pretty."""
        text, size, patterns = folded.text, len(folded.text), self._patterns
        found = []
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            guards_start, guards_end, has_stem, has_capitals, owners = patterns[number]
            if guards_start and start:
                char = text[start - 1]
                if char in _ASCII_WORD or (char > "\x7f" and _is_spaced(char)):
                    continue
            if guards_end and end < size:
                char = text[end]
                if char in _ASCII_WORD or (char > "\x7f" and _is_spaced(char)):
                    if has_stem:
                        word_end = _word_end(text, end)
                        found += [
                            (owner, start, word_end)
                            for owner in owners
                            if _may_end(owner.term, language) and _has_capitals(owner.term, folded, start, end)
                        ]
                    continue
            for owner in owners:
                if not has_capitals or _has_capitals(owner.term, folded, start, end):
                    found.append((owner, start, end))
        return found

    def _candidates(self, raw: Sequence[Sequence[tuple[Owner, int, int]]]) -> list[int]:
        """The topics that title and text could be on if every hit counted; spares the work on the many others."""
        most: dict[int, float] = defaultdict(float)
        for place, found in enumerate(raw):
            hits = Counter([owner.list_id for owner, _, _ in found])
            for list_id, times in hits.items():
                for topic, partners, units, caps in self._promises.get(list_id, ()):
                    if not partners or all(each in hits for each in partners):
                        most[topic] += min(units[place] * times, caps[place])
        return sorted(topic for topic, points in most.items() if points >= self._definitions[topic].tagged - ROUNDING)

    def trace(self, title: str, text: str, language: str | None = None) -> tuple[Trace, ...]:
        """What each topic sees in an article, tagged or not, in order of the definitions."""
        folded = fold(title), fold(text)
        passages = Passage(folded[0], is_title=True), Passage(folded[1], is_title=False)
        topics = range(len(self._definitions))
        hits = [_by_topic(self._find(each, language), topics) for each in folded]
        return tuple(
            _trace(self._definitions[topic], [(p, _settle(h[topic])) for p, h in zip(passages, hits, strict=True)])
            for topic in topics
        )

    def _judge(self, definition: TopicDefinition, found: Sequence[Found]) -> TopicMatch | None:
        evidence = _all_evidence(definition, found)
        score = _score(evidence)
        if score < definition.tagged:
            return None
        return TopicMatch(definition.id, _level(definition, score), score, tuple(evidence))


def _all_evidence(definition: TopicDefinition, found: Sequence[Found]) -> list[Evidence]:
    """In order; without that of support where the other signals do not tag."""
    evidence: list[Evidence] = []
    for signal in definition.signals:  # those of support come last
        if signal.support and _score(evidence) < definition.tagged:
            break
        elsewhere = [_first(group, found) for group in signal.anywhere]
        if all(elsewhere):
            seen = list(_evidence(signal, found))
            there = (
                [_record(signal, passage, hit, 0.0) for group in elsewhere for passage, hit in group] if seen else []
            )
            evidence += dict.fromkeys([*seen, *there])  # one may serve several hits
    evidence.sort(key=lambda item: (item.zone != "title", item.start, item.end, item.signal, -item.weight))
    return evidence


def _level(definition: TopicDefinition, score: float) -> Level:
    return "primary" if score >= definition.primary else "secondary"


def _trace(definition: TopicDefinition, found: Sequence[Found]) -> Trace:
    evidence = _all_evidence(definition, found)
    score = _score(evidence)
    level = "none" if score < definition.tagged else _level(definition, score)
    idle = [
        Idle(name, hit.term.written, *_place(passage, hit))
        for passage, hits in found
        for name, each in hits.items()
        for hit in each
    ]
    used = {(item.zone == "title", item.start) for item in evidence}
    return Trace(
        definition.id, level, score, tuple(evidence), tuple(i for i in idle if (i.zone == "title", i.start) not in used)
    )


def _place(passage: Passage, hit: Hit) -> tuple[str, str, int, int]:
    start, end = passage.folded.span(hit.start, hit.end)
    return passage.folded.source[start:end], passage.zone(hit.start), start, end


# ---- words -----------------------------------------------------------------------------------------------------------


def _is_spaced(char: str) -> bool:
    """Whether `char` is part of a word in a script that sets words apart; ASCII is decided first, for speed."""
    return char in _ASCII_WORD or (char > "\x7f" and char.isalnum() and not is_unspaced(char))


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


def _pattern(folded: str, owners: Sequence[Owner]) -> Pattern:
    return Pattern(
        guards_start=_is_spaced(folded[0]),
        guards_end=_is_spaced(folded[-1]),
        has_stem=any(owner.term.any_ending for owner in owners),
        has_capitals=any(owner.term.capitals is not None for owner in owners),
        owners=tuple(owners),
    )


def _promise(topic: int, signal: Signal, ids: Mapping[str, int]) -> Promise:
    title, lead, body = (signal.zones[zone] for zone in ("title", "lead", "body"))
    return Promise(
        topic=topic,
        partners=tuple(ids[name] for name in signal.lists[1:]),
        units=(signal.weight * title, signal.weight * max(lead, body)),
        caps=(signal.cap * title if title else 0.0, sum(signal.cap * zone for zone in (lead, body) if zone)),
    )


def _by_topic(raw: Iterable[tuple[Owner, int, int]], topics: Iterable[int]) -> dict[int, dict[str, list[Hit]]]:
    hits: dict[int, dict[str, list[Hit]]] = {topic: defaultdict(list) for topic in topics}
    for owner, start, end in raw:
        if owner.topic in hits:
            hits[owner.topic][owner.name].append(Hit(owner.term, start, end))
    return hits


def _settle(lists: dict[str, list[Hit]]) -> dict[str, list[Hit]]:
    """Drop what a mask covers, and of overlapping hits of a list all but the first and longest."""
    if masks := lists.pop(MASKS, None):
        is_masked = _cover(masks)
        lists = {name: [hit for hit in hits if not is_masked(hit)] for name, hits in lists.items()}
    return {name: _leftmost_longest(hits) if len(hits) > 1 else hits for name, hits in lists.items() if hits}


def _cover(masks: list[Hit]) -> Callable[[Hit], bool]:
    masks = sorted(masks, key=attrgetter("start"))
    starts = [mask.start for mask in masks]
    reach = [0, *accumulate((mask.end for mask in masks), max)]
    return lambda hit: reach[bisect_right(starts, hit.start)] >= hit.end


def _leftmost_longest(hits: Iterable[Hit]) -> list[Hit]:
    done, kept = 0, []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if hit.start >= done:
            done = hit.end
            kept.append(hit)
    return kept


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
    left = {zone: signal.cap * factor if factor else 0.0 for zone, factor in signal.zones.items()}
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


def _first(group: Group, found: Sequence[Found]) -> list[tuple[Passage, Hit]]:
    """The first hit of a group and its partners; none if there is no such hit."""
    for passage, hits in found:
        for hit in hits.get(group.lists[0], ()):
            partners = _partners(group, passage, hit, hits)
            if partners is not None:
                return [(passage, each) for each in (hit, *partners)]
    return []


def _partners(group: Group | Signal, passage: Passage, hit: Hit, hits: Hits) -> list[Hit] | None:
    partners = []
    for name in group.lists[1:]:
        before, after = _neighbours(hit, hits.get(name, ()))
        if before is not None and passage.near(before.end, hit.start, group.within):
            partners.append(before)
        elif after is not None and passage.near(hit.end, after.start, group.within):
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
    sentence = passage.sentence(hit.start, hit.end)
    return Evidence(signal.name, hit.term.written, matched, passage.zone(hit.start), start, end, sentence, weight)
