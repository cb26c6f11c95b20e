"""How the stories of one event tell it: the words that most of them use, and those that are one's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mediawatch.events.terms import weekdays, words

SHARED = 8
OWN = 8
_LEAST_STORIES = 2
_TITLE_COUNTS = 3
_LEAST_LETTERS = 4
"""In scripts with spaces: shorter words are grammar, nearly all of them."""


@dataclass(frozen=True)
class Telling:
    """A story as its canonical article tells it."""

    story_id: int
    title: str
    text: str
    language: str | None


@dataclass(frozen=True)
class Told:
    """`shared`: (word, in how many of the stories), most of them first; `own`: story_id → the words that it uses more
    than the others do."""

    shared: Sequence[tuple[str, int]]
    own: dict[int, list[str]]


def told(tellings: Sequence[Telling]) -> Told:
    """What stories share is names and things that at least half of them name; their own is what one uses often and the
    others of its language hardly. One story alone shares nothing."""
    counted = {each.story_id: _counted(each) for each in tellings}
    spelled: dict[str, Counter[str]] = {}
    for terms, spellings in counted.values():
        for term in terms:
            spelled.setdefault(term, Counter()).update(spellings[term])
    spread = Counter(term for terms, _ in counted.values() for term in terms)
    half = max(_LEAST_STORIES, len(tellings) / 2)
    named = [(term, n) for term, n in spread.items() if n >= half and _is_name(spelled[term])]
    use = {term: sum(terms[term] for terms, _ in counted.values()) for term, _ in named}
    shared = sorted(named, key=lambda each: (-each[1], -use[each[0]], each[0]))[:SHARED]
    own = {story_id: _own(terms, spread, len(tellings), spelled) for story_id, (terms, _) in counted.items()}
    return Told([(_written(spelled[term]), n) for term, n in shared], own if len(tellings) > 1 else {})


def _counted(telling: Telling) -> tuple[Counter[str], dict[str, Counter[str]]]:
    terms: Counter[str] = Counter()
    spellings: dict[str, Counter[str]] = {}
    for text, weight in ((telling.title, _TITLE_COUNTS), (telling.text, 1)):
        for word, term in words(text, telling.language):
            if _tells(word, term):
                terms[term] += weight
                if text is telling.text or term not in spellings:
                    spellings.setdefault(term, Counter())[word] += 1
    return terms, spellings


def _tells(word: str, term: str) -> bool:
    return not word[0].isdigit() and not weekdays(word) and (len(term) >= _LEAST_LETTERS or not term.isascii())


def _own(terms: Counter[str], spread: Counter[str], stories: int, spelled: dict[str, Counter[str]]) -> list[str]:
    rare = {
        term: n * (1 - (spread[term] - 1) / stories) for term, n in terms.items() if spread[term] * 3 <= stories + 2
    }
    best = sorted(rare, key=lambda term: (-rare[term] * (2 if _is_name(spelled[term]) else 1), term))
    return [_written(spelled[term]) for term in best[:OWN]]


def _is_name(spellings: Counter[str]) -> bool:
    """Whether texts write it with a capital, mostly; scripts without capitals do not say."""
    capital = sum(n for word, n in spellings.items() if word[0].isupper() or word[0].lower() == word[0].upper())
    return capital * 2 > sum(spellings.values())


def _written(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda word: (-spellings[word], word)).removesuffix("'s").removesuffix("’s")
