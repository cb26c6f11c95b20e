"""How much two sketched texts share, where it lies, and whether they are one piece of writing.

Counting shared shingles cannot tell a copy with every seventh word changed (.44 of its shingles are left) from an
article that quotes half of another. So the shared shingles are aligned: they form parallel runs through both texts,
and a run covers the edited words between its shingles too. What decides is how much of each text the runs cover.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediawatch.models import LinkKind, Match, Sketch
from mediawatch.stories.sketch import POSITION_TYPE, SHINGLE_TYPE, SHINGLE_WORDS, sample_rate

MATCH_VERSION = 2

MERGING: frozenset[LinkKind] = frozenset({"exact", "edited", "cut"})
"""Kinds that may make two articles one story; `contains` and `shares_text` are links for the reader only."""

_SHORT_WORDS = 50
"""Below this a text is a copy only when it is the same, word for word."""
_RUN_GAP_WORDS = 60
_RUN_DRIFT_WORDS = 30
_OPEN_RUNS = 6

_COPY_COVERAGE = 0.7
"""A copy runs through so much of the shorter text."""
_COPY_DENSITY = 0.36
"""Share of the shingles in its runs that a copy keeps: 18% of the words may differ; a retelling keeps fewer."""
_EDITED_COVERAGE = 0.6
"""Two versions of one text cover so much of each other, even when both have passages of their own."""
_OWN_PASSAGE_SHARE = 0.12
_OWN_PASSAGE_WORDS = 50
"""A cut brings no passage of its own longer than both of these."""
_CONTAINS_COVERAGE = 0.5
_LINK_COVERAGE = 0.2
_LINK_WORDS = 30
_LINK_SHINGLES = 3
_PART_EDGE = 0.1


@dataclass(slots=True)
class _Run:
    """A parallel stretch: its shared shingles start at `a` to `a_last` in one text, at `b` to `b_last` in the other."""

    a: int
    a_last: int
    b: int
    b_last: int
    shared: int = 1

    def takes(self, a: int, b: int) -> bool:
        step_a, step_b = a - self.a_last, b - self.b_last
        return step_a <= _RUN_GAP_WORDS and 0 < step_b <= _RUN_GAP_WORDS and abs(step_a - step_b) <= _RUN_DRIFT_WORDS


@dataclass(frozen=True)
class _Side:
    """One text of a pair: where its sampled shingles begin (sorted), where those begin that the other lacks."""

    words: int
    sampled: Sequence[int] = ()
    alone: Sequence[int] = ()

    def span(self, first: int, last: int, shared: int) -> tuple[int, int]:
        """Words that a run covers: between samples its ends lie open, up to half the way to one that is not shared."""
        spare = (last - first) // (shared - 1) - 1 if shared > 1 else 0
        before, after = bisect_left(self.alone, first) - 1, bisect_right(self.alone, last)
        start = (first + self.alone[before]) // 2 + 1 if before >= 0 else 0
        end = (last + self.alone[after]) // 2 + SHINGLE_WORDS - 1 if after < len(self.alone) else self.words
        start, end = min(start, first - spare), max(end, last + SHINGLE_WORDS + spare)
        return max(0, start), min(self.words, end)

    def count(self, first: int, last: int) -> int:
        return bisect_right(self.sampled, last) - bisect_left(self.sampled, first)


def match(a: Sketch, b: Sketch) -> Match | None:
    """How a and b are related; None when they share too little to be a link.

    exact: the same folded words. edited: one text with changes. cut: the shorter is a part of the longer.
    contains: a large part of the shorter stands in the longer, and each has its own text. shares_text: a quote.
    """
    if a.words == 0 or b.words == 0:
        return None
    if a.exact == b.exact:
        return Match("exact", 1.0, _count(a, b), 1.0, 1.0, "all")
    if min(a.words, b.words) < _SHORT_WORDS:
        return None
    side_a, side_b, pairs = _shared(a, b)
    if len(pairs) < _LINK_SHINGLES:
        return None
    return _judge(side_a, side_b, _runs(pairs))


def _count(a: Sketch, b: Sketch) -> int:
    return min(len(a.shingles), len(b.shingles)) // SHINGLE_TYPE.itemsize


def _shared(a: Sketch, b: Sketch) -> tuple[_Side, _Side, list[tuple[int, int]]]:
    """Both sides at the coarser of the two sampling rates, and the positions of what they share, in a's order."""
    rate = max(sample_rate(a.words), sample_rate(b.words))
    hashes_a, places_a = _sample(a, rate)
    hashes_b, places_b = _sample(b, rate)
    if len(hashes_a) == 0 or len(hashes_b) == 0:
        return _Side(a.words), _Side(b.words), []
    nearest = np.minimum(np.searchsorted(hashes_b, hashes_a), len(hashes_b) - 1)
    in_a = hashes_b[nearest] == hashes_a
    in_b = np.zeros(len(hashes_b), np.bool_)
    in_b[nearest[in_a]] = True
    pairs = sorted(zip(places_a[in_a].tolist(), places_b[in_b].tolist(), strict=True))
    return _side(a.words, places_a, in_a), _side(b.words, places_b, in_b), pairs


def _sample(sketch: Sketch, rate: int) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    hashes = np.frombuffer(sketch.shingles, SHINGLE_TYPE)
    places = np.frombuffer(sketch.positions, POSITION_TYPE)
    if sample_rate(sketch.words) == rate:
        return hashes, places
    kept = hashes & np.uint32(rate - 1) == 0
    return hashes[kept], places[kept]


def _side(words: int, places: NDArray[np.uint16], shared: NDArray[np.bool_]) -> _Side:
    return _Side(words, np.sort(places).tolist(), np.sort(places[~shared]).tolist())


def _runs(pairs: Sequence[tuple[int, int]]) -> list[_Run]:
    """The parallel runs through `pairs` (sorted by a); several stay open, so that a stray phrase breaks none."""
    done: list[_Run] = []
    opened: list[_Run] = []
    for a, b in pairs:
        for run in opened:
            if run.takes(a, b):
                run.a_last, run.b_last, run.shared = a, b, run.shared + 1
                break
        else:
            opened.insert(0, _Run(a, a, b, b))
            done.extend(opened[_OPEN_RUNS:])
            del opened[_OPEN_RUNS:]
    return done + opened


def _judge(a: _Side, b: _Side, runs: Sequence[_Run]) -> Match | None:
    spans_a = _union([a.span(run.a, run.a_last, run.shared) for run in runs])
    spans_b = _union([b.span(run.b, run.b_last, run.shared) for run in runs])
    shared = sum(run.shared for run in runs)
    density = shared / max(1, sum(min(a.count(run.a, run.a_last), b.count(run.b, run.b_last)) for run in runs))
    covered_a, covered_b = _covered(a, spans_a), _covered(b, spans_b)
    a_is_shorter = a.words <= b.words
    short, spans, long, spans_long = (a, spans_a, b, spans_b) if a_is_shorter else (b, spans_b, a, spans_a)
    covered, share_of_long = (covered_a, covered_b) if a_is_shorter else (covered_b, covered_a)
    kind = _kind(covered, share_of_long, density, _own_passage(short, spans), short.words)
    if kind is None:
        return None
    score = covered * min(1.0, density) ** (1 / SHINGLE_WORDS)
    return Match(kind, score, shared, covered_a, covered_b, _part(long, spans_long))


def _kind(covered: float, share_of_long: float, density: float, own_passage: int, words: int) -> LinkKind | None:
    if covered < _LINK_COVERAGE or covered * words < _LINK_WORDS:
        return None
    if covered >= _COPY_COVERAGE and density >= _COPY_DENSITY:
        if share_of_long >= _COPY_COVERAGE:
            return "edited"
        if own_passage <= max(_OWN_PASSAGE_WORDS, _OWN_PASSAGE_SHARE * words):
            return "cut"
        if share_of_long >= _EDITED_COVERAGE:
            return "edited"
    return "contains" if covered >= _CONTAINS_COVERAGE and density >= _COPY_DENSITY else "shares_text"


def _union(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _covered(side: _Side, spans: Sequence[tuple[int, int]]) -> float:
    return sum(end - start for start, end in spans) / side.words


def _own_passage(side: _Side, spans: Sequence[tuple[int, int]]) -> int:
    """Length in words of the longest passage that no run covers."""
    starts = [start for start, _ in spans] + [side.words]
    ends = [0] + [end for _, end in spans]
    return max(start - end for start, end in zip(starts, ends, strict=True))


def _part(side: _Side, spans: Sequence[tuple[int, int]]) -> str:
    """Where the covered text lies: `scattered` when the largest passage is less than half of what is covered."""
    start, end = max(spans, key=lambda span: (span[1] - span[0], -span[0]))
    if (end - start) * 2 < sum(end - start for start, end in spans):
        return "scattered"
    edge = _PART_EDGE * side.words
    at_start, at_end = start <= edge, end >= side.words - edge
    if at_start:
        return "all" if at_end else "lead"
    return "end" if at_end else "middle"
