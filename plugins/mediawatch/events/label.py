"""What an event is called: the headline that says most of what its stories share, and the words that do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log

import numpy as np

from mediawatch.events.group import Story
from mediawatch.events.rarity import Rarity
from mediawatch.events.terms import TERM_TYPE, term_hash, weekdays, words

_TERMS = 6


def label(stories: Sequence[tuple[Story, str]], rarity: Rarity) -> tuple[str, list[str]]:
    """The most telling of the stories' headlines, and up to six words as headlines write them, the most telling first.

    A word tells much when it is rare among all stories and many stories of the event use it. Days and numbers name
    nothing.
    """
    language = stories[0][0].language
    use: Counter[int] = Counter()
    for story, _ in stories:
        values = story.terms.values.astype(float) / max(1.0, float(story.terms.values.max(initial=0)))
        use.update(dict(zip(story.terms.hashes.tolist(), values.tolist(), strict=True)))
    headlines = [
        [(as_written, term_hash(term, language)) for as_written, term in words(t, language)] for _, t in stories
    ]
    known = sorted({term for headline in headlines for word, term in headline if term in use and _names(word)})
    shares = dict(zip(known, rarity.shares(np.array(known, TERM_TYPE), language).tolist(), strict=True))
    tells = {term: (use[term] / len(stories)) ** 2 * -log(shares[term]) for term in known}

    def told(index: int) -> float:
        terms = {term for _, term in headlines[index]}
        return sum(tells.get(term, 0.0) for term in terms) / (3 + len(terms))

    best = max(range(len(stories)), key=lambda index: (told(index), -stories[index][0].story_id))
    spelled: dict[int, Counter[str]] = {}
    for headline in headlines:
        for word, term in headline:
            spelled.setdefault(term, Counter())[word] += 1
    ranked = sorted((-tells[term], term) for term in tells)
    return stories[best][1], [_spelling(spelled[term]) for _, term in ranked[:_TERMS]]


def _names(word: str) -> bool:
    """Whether a word could name anything."""
    return len(word) > 1 and not word[0].isdigit() and not weekdays(word)


def _spelling(found: Counter[str]) -> str:
    best = min(found, key=lambda word: (-found[word], word))
    return best.removesuffix("'s").removesuffix("’s")
