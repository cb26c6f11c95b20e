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

from mediawatch.events.rarity import Rarity
from mediawatch.events.terms import Terms

GROUP_VERSION = 1

_JOINED_FROM = 0.12
_COMPARED_FROM = 0.05
"""Stories that are less alike than this, by their rarity among all, are not compared any further."""
_SURELY_FROM = 0.2
"""Beyond this being still more alike counts no more: a page on two happenings is no bridge between them."""
_LOCAL_STORIES = 100
"""Rarity among all weighs as much as so many of the stories that are compared."""
_RARITY_POWER = 1.5
_SAME_DAY = 1.3
_OTHER_DAY = 0.6
_FREE_DAYS = 1.0
_FADING_DAYS = 10.0

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
    for members in _neighbourhoods(_likeness(ordered, rarity, local=False) >= _COMPARED_FROM):
        part = [ordered[each] for each in members]
        near = _likeness(part, rarity, local=True)
        found += [[part[each].story_id for each in event] for event in _joined(near)]
    return sorted(found)


def telling(terms: Terms, rarity: Rarity, language: str | None, most: int) -> list[int]:
    """The hashes of the terms that say most of what a story is about, the weightiest first."""
    weights = _weights(terms, rarity.shares(terms.hashes, language))
    return [int(each) for each in terms.hashes[np.argsort(-weights, kind="stable")[:most]]]


def _weights(terms: Terms, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = terms.values * (-np.log(shares)) ** _RARITY_POWER
    return weights


def _likeness(stories: Sequence[Story], rarity: Rarity, *, local: bool) -> Matrix:
    """How alike each two are; with `local` a term's rarity counts these stories too."""
    every = np.concatenate([story.terms.hashes for story in stories])
    vocabulary, places, counts = np.unique(every, return_inverse=True, return_counts=True)
    shares = rarity.shares(vocabulary, stories[0].language)
    if local:
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
        inside = columns[own] >= 0
        vectors[row, columns[own][inside]] = weights[inside] / (np.sqrt(np.sum(weights**2)) or 1.0)
    near: Matrix = (vectors @ vectors.T) * _in_time(stories) * _by_day(stories)
    return near


def _in_time(stories: Sequence[Story]) -> Matrix:
    """1 for stories of one day, fading with the days between; 1 where a time is unknown."""
    days = np.array([story.at.timestamp() / 86_400 if story.at else np.nan for story in stories])
    apart = np.nan_to_num(np.abs(days[:, None] - days[None, :]), nan=0.0)
    faded: Matrix = np.exp(-np.maximum(0.0, apart - _FREE_DAYS) / _FADING_DAYS).astype(np.float32)
    return faded


def _by_day(stories: Sequence[Story]) -> Matrix:
    days = np.array([story.terms.days for story in stories])
    both = (days[:, None] > 0) & (days[None, :] > 0)
    same = (days[:, None] & days[None, :]) > 0
    return np.where(both, np.where(same, _SAME_DAY, _OTHER_DAY), 1.0).astype(np.float32)


def _neighbourhoods(near: NDArray[np.bool_]) -> list[list[int]]:
    """Rows joined by any path of near pairs."""
    left = set(range(len(near)))
    found: list[list[int]] = []
    while left:
        edge, seen = [min(left)], {min(left)}
        while edge:
            fresh = set(np.flatnonzero(near[edge.pop()]).tolist()) - seen
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
