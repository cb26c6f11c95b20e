"""How much of two texts is the same, in one number: F1 over runs of four words."""

from __future__ import annotations

from collections import Counter

from mediawatch.stories.fold import words

RUN = 4


def overlap(one: str, other: str) -> float:
    """0..1: F1 of the multisets of runs of four words (of all words, in a shorter text); 1.0 for two empty texts.

    Words are folded as for stories, so case, punctuation and white space do not count.
    """
    a, b = _runs(one), _runs(other)
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 1.0


def _runs(text: str) -> Counter[tuple[str, ...]]:
    found = words(text)
    return Counter(tuple(found[at : at + RUN]) for at in range(max(1, len(found) - RUN + 1)) if found)
