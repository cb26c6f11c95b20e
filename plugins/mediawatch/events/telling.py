"""How the stories of one event tell it: the words that most of them use, and those that are one's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from mediawatch.events.rarity import Rarity
from mediawatch.events.terms import TERM_TYPE, term_hash, weekdays, words

SHARED = 8
OWN = 8
_TITLE_COUNTS = 3
_OWN_SHARE = 1 / 3
"""A word is a story's own when no more than so many of the stories use it, itself left out."""


@dataclass(frozen=True)
class Telling:
    """A story as its canonical article tells it."""

    story_id: int
    title: str
    text: str
    language: str | None


@dataclass(frozen=True)
class Told:
    """`shared`: (word, in how many of the stories), the most telling first; `own`: story_id → the words that it uses
    and the others hardly do, the most telling first."""

    shared: Sequence[tuple[str, int]]
    own: Mapping[int, Sequence[str]]


def told(tellings: Sequence[Telling], rarities: Mapping[str | None, Rarity]) -> Told:
    """What at least half of the stories share, and what each has alone; nothing for one story. `rarities` by language:
    a word tells much when it is used often here and seldom elsewhere."""
    if len(tellings) < 2:
        return Told([], {})
    counts = {each.story_id: _counted(each) for each in tellings}
    spelled = _spellings(tellings)
    spread = Counter(term for terms in counts.values() for term in terms)
    tells = {each.story_id: _tells(counts[each.story_id], each.language, rarities) for each in tellings}
    total: dict[str, float] = {}
    for each in tells.values():
        total |= {term: total.get(term, 0.0) + weight for term, weight in each.items()}
    half = max(2, len(tellings) / 2)
    shared = _best((term for term in spread if spread[term] >= half), total, SHARED)
    most = 1 + _OWN_SHARE * (len(tellings) - 1)
    own = {
        story_id: [_written(spelled[term]) for term in _best((t for t in found if spread[t] <= most), found, OWN)]
        for story_id, found in tells.items()
    }
    return Told([(_written(spelled[term]), spread[term]) for term in shared], own)


def _counted(telling: Telling) -> Counter[str]:
    counts = Counter(term for word, term in words(telling.text, telling.language) if _names(word, term))
    for word, term in words(telling.title, telling.language):
        if _names(word, term):
            counts[term] += _TITLE_COUNTS
    return counts


def _names(word: str, term: str) -> bool:
    """Whether a word could name anything: no number, no day, no single letter."""
    return len(term) > 1 and not word[0].isdigit() and not weekdays(word)


def _tells(counts: Counter[str], language: str | None, rarities: Mapping[str | None, Rarity]) -> dict[str, float]:
    terms = list(counts)
    hashes = np.array([term_hash(term, language) for term in terms], TERM_TYPE)
    shares = rarities[language].shares(hashes, language).tolist()
    return {term: (1 + log(counts[term])) * -log(share) for term, share in zip(terms, shares, strict=True)}


def _best(terms: Iterable[str], weights: Mapping[str, float], most: int) -> list[str]:
    return sorted(terms, key=lambda term: (-weights[term], term))[:most]


def _spellings(tellings: Sequence[Telling]) -> dict[str, Counter[str]]:
    """term → how texts write it; a title's capitals say nothing where a text has the word."""
    spelled: dict[str, Counter[str]] = {}
    for whole in ([each.text for each in tellings], [each.title for each in tellings]):
        known = set(spelled)
        for text, telling in zip(whole, tellings, strict=True):
            for word, term in words(text, telling.language):
                if term not in known:
                    spelled.setdefault(term, Counter())[word] += 1
    return spelled


def _written(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda word: (-spellings[word], word)).removesuffix("'s").removesuffix("’s")
