"""Which stories tell of the same happening: average likeness of their terms, nearness in time, the days they name.

Stories are alike by the cosine of their weighted terms. A term weighs by its rarity among all stories and among those
that are compared: in a week of one war the war's own words tell nothing apart. Two stories that name the same day of
the week in their first words are nearer, two that name different days less near, and likeness fades with the time
between them. The most alike groups are joined first, by the average over all pairs, so no chain of half-alike stories
makes one event of a whole affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from mediawatch.events.rarity import Rarity
from mediawatch.events.terms import Terms

GROUP_VERSION = 1

_JOINED_FROM = 0.12
_COMPARED_FROM = 0.05
"""Stories that are less alike than this, by their rarity among all, are not compared any further."""
_MOST_TOGETHER = 600
"""Stories that are compared with each other at once, at the most."""
_ROWS_AT_ONCE = 100
"""Of the matrix of all stories: working out what circumstances do takes several times the memory of the matrix."""
_RARE = 0.1
_SURELY_FROM = 0.2
"""Beyond this being still more alike counts no more: a page on two happenings is no bridge between them."""
_WORTH_FROM = 0.1
_WORTH_MOST = 5
_LOCAL_STORIES = 100
"""Rarity among all weighs as much as so many of the stories that are compared."""
_RARITY_POWER = 1.5
_SAME_DAY = 1.3
_OTHER_DAY = 0.6
_FREE_DAYS = 1.0
_FADING_DAYS = 10.0

_BLAS = ThreadpoolController()
"""Products of this size gain nothing by threads, which wait for each other with a busy core each."""

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Story:
    """A story as grouping sees it; `at` is when it was first published, as best known."""

    story_id: int
    terms: Terms
    at: datetime | None
    language: str | None


def group(stories: Sequence[Story], rarity: Rarity) -> list[list[int]]:
    """Story ids by event, each in one, for stories of one language; ids ascend, events by their smallest."""
    ordered = sorted(stories, key=lambda story: story.story_id)
    if not ordered:
        return []
    found: list[list[int]] = []
    for members in _neighbourhoods(_roughly_alike(ordered, rarity)):
        part = [ordered[each] for each in members]
        if len(part) == 1:  # most are
            found.append([part[0].story_id])
            continue
        found += [[part[each].story_id for each in event] for event in _joined(_likeness(part, rarity))]
    return sorted(found)


def worth_comparing(stories: Sequence[Story], pairs: Sequence[tuple[int, int]], rarity: Rarity) -> list[int]:
    """Of pairs (story id, candidate's id) the candidates that could tell of what the story does, a few for each.

    `stories` holds all that the pairs name.
    """
    known = {story.story_id: story for story in stories}
    vectors = {each: _vector(story, rarity) for each, story in known.items()}
    shared = np.array([_shared(known[a], known[b], vectors[a], vectors[b]) for a, b in pairs])
    alike = shared * _circumstances(*(_when([known[pair[end]] for pair in pairs]) for end in (0, 1)))
    ranked = sorted((story, -how, candidate) for (story, candidate), how in zip(pairs, alike.tolist(), strict=True))
    taken: dict[int, list[int]] = {}
    for story, less, candidate in ranked:
        if -less >= _WORTH_FROM and len(taken.setdefault(story, [])) < _WORTH_MOST:
            taken[story].append(candidate)
    return sorted({candidate for each in taken.values() for candidate in each})


def _vector(story: Story, rarity: Rarity) -> NDArray[np.float64]:
    weights = _weights(story.terms, rarity.shares(story.terms.hashes, story.language))
    unit: NDArray[np.float64] = weights / (np.sqrt(np.sum(weights**2)) or 1.0)
    return unit


def _shared(a: Story, b: Story, weights_a: NDArray[np.float64], weights_b: NDArray[np.float64]) -> float:
    _, in_a, in_b = np.intersect1d(a.terms.hashes, b.terms.hashes, assume_unique=True, return_indices=True)
    return float(weights_a[in_a] @ weights_b[in_b])


def telling(terms: Terms, rarity: Rarity, language: str | None, most: int) -> list[int]:
    """The hashes of the terms that say most of what a story is about, the weightiest first."""
    weights = _weights(terms, rarity.shares(terms.hashes, language))
    return [int(each) for each in terms.hashes[np.argsort(-weights, kind="stable")[:most]]]


def _weights(terms: Terms, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = terms.values * (-np.log(shares)) ** _RARITY_POWER
    return weights


def _roughly_alike(stories: Sequence[Story], rarity: Rarity) -> Matrix:
    """How alike each two of many stories are by the terms that few stories hold, which is nearly all there is to it.

    Summed term by term: nearly all terms are in a few of the stories only, and most pairs share nothing.
    """
    hashes = np.concatenate([story.terms.hashes for story in stories])
    weights = np.concatenate([_vector(story, rarity) for story in stories]).astype(np.float32)
    holders = np.repeat(np.arange(len(stories)), [len(story.terms.hashes) for story in stories])
    by_term = np.argsort(hashes, kind="stable")
    terms, starts, counts = np.unique(hashes[by_term], return_index=True, return_counts=True)
    rare = (counts > 1) & (rarity.shares(terms, stories[0].language) < _RARE)
    near = np.zeros((len(stories), len(stories)), np.float32)
    for start, count in zip(starts[rare].tolist(), counts[rare].tolist(), strict=True):
        places = by_term[start : start + count]
        own = weights[places]
        members = holders[places]
        near[members[:, None], members] += own[:, None] * own  # np.ix_ and np.outer take longer than the sums
    for start in range(0, len(stories), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        near[rows] *= _each_two(stories, rows)
    return near


def _likeness(stories: Sequence[Story], rarity: Rarity) -> Matrix:
    """How alike each two of a neighbourhood are, where a term's rarity counts the neighbourhood too."""
    every = np.concatenate([story.terms.hashes for story in stories])
    vocabulary, places, counts = np.unique(every, return_inverse=True, return_counts=True)
    shares = rarity.shares(vocabulary, stories[0].language)
    shares = (shares * _LOCAL_STORIES + counts) / (_LOCAL_STORIES + len(stories) + 1)
    scale = (-np.log(shares)) ** _RARITY_POWER
    shared = np.flatnonzero(counts > 1)  # a term of one story only lengthens its vector
    columns = np.full(len(vocabulary), -1)
    columns[shared] = np.arange(len(shared))
    vectors = np.zeros((len(stories), len(shared)), np.float32)
    start = 0
    for row, story in enumerate(stories):
        own = places[start : (start := start + len(story.terms.hashes))]
        weights = story.terms.values * scale[own]
        into = columns[own]
        inside = into >= 0
        vectors[row, into[inside]] = weights[inside] / (np.sqrt(np.sum(weights**2)) or 1.0)
    with _BLAS.limit(limits=1):
        near: Matrix = vectors @ vectors.T
    return near * _each_two(stories)


When = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Of some stories the time, in days, not a number where it is unknown; and the days of the week that they name."""


def _when(stories: Sequence[Story]) -> When:
    times = [story.at.timestamp() / 86_400 if story.at else np.nan for story in stories]
    return np.array(times, np.float64), np.array([story.terms.days for story in stories], np.int64)


def _each_two(stories: Sequence[Story], rows: slice = slice(None)) -> Matrix:
    """What circumstances do to the likeness of some of these stories (`rows`) with each of them."""
    times, days = _when(stories)
    return _circumstances((times[rows, None], days[rows, None]), (times, days))


def _circumstances(one: When, other: When) -> Matrix:
    """What time and the days that they name add to the likeness of stories, or take from it."""
    factors: Matrix = _in_time(one[0], other[0]) * _by_day(one[1], other[1])
    return factors


def _in_time(one: NDArray[np.float64], other: NDArray[np.float64]) -> Matrix:
    """1 for stories of one day, fading with the days between; 1 where a time is unknown."""
    apart = np.nan_to_num(np.abs(one - other), nan=0.0)
    faded: Matrix = np.exp(-np.maximum(0.0, apart - _FREE_DAYS) / _FADING_DAYS).astype(np.float32)
    return faded


def _by_day(one: NDArray[np.int64], other: NDArray[np.int64]) -> Matrix:
    both = (one > 0) & (other > 0)
    return np.where(both, np.where((one & other) > 0, _SAME_DAY, _OTHER_DAY), 1.0).astype(np.float32)


def _neighbourhoods(near: Matrix) -> list[list[int]]:
    """Rows joined by any path of pairs that are alike; where that is too many, by paths of more alike ones."""
    found: list[list[int]] = []
    waiting = [(list(range(len(near))), _COMPARED_FROM)]
    while waiting:
        rows, bar = waiting.pop()
        for members in _connected(near, rows, bar):
            if len(members) > _MOST_TOGETHER:
                waiting.append((members, bar * 1.5))
            else:
                found.append(members)
    return found


def _connected(near: Matrix, rows: Sequence[int], bar: float) -> list[list[int]]:
    left = set(rows)
    found: list[list[int]] = []
    while left:
        edge, seen = [min(left)], {min(left)}
        while edge:
            fresh = left.intersection(np.flatnonzero(near[edge.pop()] >= bar).tolist()) - seen
            seen |= fresh
            edge += sorted(fresh)
        left -= seen
        found.append(sorted(seen))
    return found


def _joined(near: Matrix) -> list[list[int]]:
    """Rows by group: the two groups with the highest average are joined, as long as it reaches the bar."""
    groups: list[list[int]] = [[row] for row in range(len(near))]
    average = np.minimum(near, _SURELY_FROM) + 0.001 * near.astype(np.float64)  # the most alike still come first
    np.fill_diagonal(average, -1.0)
    sizes = np.ones(len(near))
    while len(near) > 1:
        best = average.argmax(axis=1)
        one = int(average[np.arange(len(best)), best].argmax())
        other = int(best[one])
        if average[one, other] < _JOINED_FROM:
            break
        one, other = min(one, other), max(one, other)
        row = (average[one] * sizes[one] + average[other] * sizes[other]) / (sizes[one] + sizes[other])
        average[one], average[:, one] = row, row
        average[one, one] = average[other, :] = average[:, other] = -1.0
        sizes[one] += sizes[other]
        groups[one] += groups[other]
        groups[other] = []
    return [sorted(each) for each in groups if each]
