"""Terms that set the articles on a topic apart from the others, as hints for its lists.

Each word and pair of words is counted once an article. The measure is the log-odds ratio with a Dirichlet prior taken
from all articles, divided by its standard deviation (Monroe, Colaresi, Quinn 2008, "Fightin' Words", equation 22).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from math import log, sqrt
from typing import NamedTuple

from mediawatch.topics.fold import UNSPACED, fold

PRIOR = 50.0
"""Weight of the prior, in articles."""

LEAST_ARTICLES = 3
"""A term of fewer articles on the topic is no hint."""

_PIECE = re.compile(rf"[{UNSPACED}]+|[^\W\d_{UNSPACED}][^\W_{UNSPACED}'-]+")
_UNSPACED = re.compile(f"[{UNSPACED}]")


class Hint(NamedTuple):
    """A term, in how many articles on the topic and in how many others it stands, and how far from chance that is."""

    term: str
    inside: int
    outside: int
    z: float


def hints(inside: Sequence[str], outside: Sequence[str], known: Iterable[str] = (), most: int = 30) -> list[Hint]:
    """The terms that speak most for the texts `inside`; none that is one of the folded terms `known`, or holds one."""
    counts = [_counts(inside), _counts(outside)]
    both = counts[0] + counts[1]
    sums = [len(inside), len(outside)]
    known = set(known)
    found = [
        Hint(term, times, counts[1][term], _z(times, counts[1][term], both[term], sums))
        for term, times in counts[0].items()
        if times >= LEAST_ARTICLES and not _is_known(term, known)
    ]
    found = sorted((hint for hint in found if hint.z > 0), key=lambda hint: (-hint.z, hint.term))
    return _without_parts(found)[:most]


def _z(inside: int, outside: int, both: int, sums: Sequence[int]) -> float:
    prior = PRIOR * both / (sums[0] + sums[1])
    odds = [
        log((times + prior) / max(total + PRIOR - times - prior, 0.5))
        for times, total in ((inside, sums[0]), (outside, sums[1]))
    ]
    return (odds[0] - odds[1]) / sqrt(1 / (inside + prior) + 1 / (outside + prior))


def _counts(texts: Iterable[str]) -> Counter[str]:
    return Counter(term for text in texts for term in _terms(text))


def _terms(text: str) -> set[str]:
    """Words and pairs of neighbours; of scripts without spaces all sequences of two to four characters."""
    terms: set[str] = set()
    before, before_end = "", -2
    folded = fold(text).text
    for match in _PIECE.finditer(folded):
        piece = match[0]
        if _UNSPACED.match(piece):
            terms.update(piece[at : at + size] for size in (2, 3, 4) for at in range(len(piece) - size + 1))
            before = ""
            continue
        terms.add(piece)
        if before and match.start() == before_end + 1 and folded[before_end] == " ":
            terms.add(f"{before} {piece}")
        before, before_end = piece, match.end()
    return terms


def _is_known(term: str, known: set[str]) -> bool:
    return term in known or any(part in known for part in term.split()) or any(each in known for each in _inside(term))


def _inside(term: str) -> Iterable[str]:
    return (
        (term[at : at + size] for size in (2, 3) for at in range(len(term) - size + 1)) if _UNSPACED.match(term) else ()
    )


def _without_parts(found: Sequence[Hint]) -> list[Hint]:
    """Without the terms that are part of, or hold, a better one which stands in the same articles."""
    kept: list[Hint] = []
    for hint in found:
        twins = (each for each in kept if each.inside == hint.inside and each.outside == hint.outside)
        if not any(hint.term in each.term or each.term in hint.term for each in twins):
            kept.append(hint)
    return kept
