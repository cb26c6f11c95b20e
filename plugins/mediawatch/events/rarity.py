"""How rare a term is: learned from the stories before, with the commonest English words known at the start."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mediawatch import data
from mediawatch.events.terms import term_hash

RARITY_VERSION = 1

BUCKETS = 1 << 17
COUNT_TYPE = np.dtype("<u4")
_PRIOR_STORIES = 300
"""What is known at the start weighs as much as so many stories."""
_RECENT_STORIES = 20_000
"""Beyond so many the counts are halved: what was news last year says little of this week."""


@dataclass(frozen=True)
class Rarity:
    """How many of `stories` stories of one language hold a term, by the lowest 17 bits of its hash."""

    stories: int
    counts: NDArray[np.uint32]

    def shares(self, terms: NDArray[np.uint32], language: str | None) -> NDArray[np.float64]:
        """Share of the stories that hold each term, above 0 and below 1."""
        places = terms & np.uint32(BUCKETS - 1)
        known = _common(language)[places] * _PRIOR_STORIES
        shares: NDArray[np.float64] = (self.counts[places] + known + 0.5) / (self.stories + _PRIOR_STORIES + 1)
        return np.minimum(shares, 0.999)

    def after(self, stories: list[NDArray[np.uint32]]) -> Rarity:
        """What is known after these stories' terms too."""
        counts = self.counts.copy()
        for terms in stories:
            counts[np.unique(terms & np.uint32(BUCKETS - 1))] += 1
        total = self.stories + len(stories)
        return Rarity(total // 2, counts // 2) if total > _RECENT_STORIES else Rarity(total, counts)


def unlearned() -> Rarity:
    """Before the first story."""
    return Rarity(0, np.zeros(BUCKETS, COUNT_TYPE))


@cache
def _common(language: str | None) -> NDArray[np.float64]:
    shares = np.zeros(BUCKETS)
    if language in ("en", None):
        for word, share in data.common_words():
            shares[term_hash(word, language) & (BUCKETS - 1)] = share
    return shares
