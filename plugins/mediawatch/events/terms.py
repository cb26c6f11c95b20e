"""What a story is about: its terms with their weights, and the days of the week that its beginning names."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import log

import numpy as np
from numpy.typing import NDArray

TERMS_VERSION = 1

TERM_TYPE = np.dtype("<u4")
WEIGHT_TYPE = np.dtype("<u1")

_TITLE_COUNTS = 3
"""A word of the title counts as much as so many in the text."""
_NAME_WEIGHT = 1.5
"""Words that the text writes with a capital only are names, nearly always."""
_WEIGHT_STEPS = 24
"""Weights are stored as so many steps a unit; 255 of them are tf 10,000."""
_LONGEST_WORDS = 20_000
_DATELINE_WORDS = 150
_NO_TERM = -1

_HAN_KANA = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_RUN = re.compile(f"[{_HAN_KANA}]+|[^{_HAN_KANA}]+")
_IS_HAN_KANA = re.compile(f"[{_HAN_KANA}]")

_WEEKDAYS = {
    "en": "monday tuesday wednesday thursday friday saturday sunday",
    "de": "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "ru": "понедельник вторник среду четверг пятницу субботу воскресенье",
}
_DAY_BITS = {name: 1 << n for names in _WEEKDAYS.values() for n, name in enumerate(names.split())}
_DAYS = re.compile(rf"\b(?:{'|'.join(sorted(_DAY_BITS, key=len, reverse=True))})\b")


@dataclass(frozen=True)
class Terms:
    """`terms`: sorted hashes of the distinct words, with the language in them; `weights`: log of how often each is
    used, in steps of 1/24; both little-endian. `days`: a bit for each weekday named at the beginning, Monday first."""

    terms: bytes
    weights: bytes
    days: int

    @property
    def hashes(self) -> NDArray[np.uint32]:
        """The terms as numbers."""
        return np.frombuffer(self.terms, TERM_TYPE)

    @property
    def values(self) -> NDArray[np.float32]:
        """The weights as numbers, in the terms' order."""
        steps = np.frombuffer(self.weights, WEIGHT_TYPE)
        values: NDArray[np.float32] = steps.astype(np.float32) / np.float32(_WEIGHT_STEPS)
        return values


def terms(title: str, text: str, language: str | None) -> Terms:
    """The terms of a story as one of its articles tells it."""
    counts: Counter[int] = Counter()
    lower: set[int] = set()
    for word, count in Counter(_words(text)).items():
        folded = _hashed(word, language)
        counts[folded] += count
        if not word[0].isupper():
            lower.add(folded)
    names = counts.keys() - lower
    for word in _words(title):
        counts[_hashed(word, language)] += _TITLE_COUNTS
    counts.pop(_NO_TERM, None)
    hashes = np.array(sorted(counts), TERM_TYPE)
    weights = [(1 + log(counts[each])) * (_NAME_WEIGHT if each in names else 1.0) for each in hashes.tolist()]
    steps = np.minimum(255, np.rint(np.array(weights) * _WEIGHT_STEPS)).astype(WEIGHT_TYPE)
    beginning = " ".join(text[: _DATELINE_WORDS * 10].split()[:_DATELINE_WORDS])
    return Terms(hashes.tobytes(), steps.tobytes(), weekdays(beginning))


@lru_cache(maxsize=200_000)
def _hashed(word: str, language: str | None) -> int:
    """The term of a word as written; news repeats its words. Single letters and digits are none."""
    folded = _fold(word, language)
    return term_hash(folded, language) if len(folded) > 1 else _NO_TERM


def term_hash(word: str, language: str | None) -> int:
    """32 bits for a folded word of a language; words of different languages are different terms."""
    return int.from_bytes(blake2b(f"{language or ''} {word}".encode(), digest_size=4).digest(), "little")


def weekdays(text: str) -> int:
    """A bit for each day of the week that a text names, Monday the lowest."""
    bits = 0
    for name in _DAYS.findall(text.lower()):
        bits |= _DAY_BITS[name]
    return bits


def words(text: str, language: str | None) -> list[tuple[str, str]]:
    """(as written, as a term) of each word in order, for a label."""
    return [(word, _fold(word, language)) for word in _words(text)]


def _words(text: str) -> list[str]:
    found = _WORD.findall(text)[:_LONGEST_WORDS]
    if not _IS_HAN_KANA.search(text):
        return found
    return [part for word in found for run in _RUN.findall(word) for part in _pairs(run)]


def _pairs(run: str) -> list[str]:
    """Han and Kana have no spaces: pairs of neighbours stand for words."""
    if not _IS_HAN_KANA.match(run) or len(run) < 3:
        return [run]
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _fold(word: str, language: str | None) -> str:
    folded = word.lower()
    if folded.endswith(("'s", "’s")):
        folded = folded[:-2]
    return _singular(folded) if language in ("en", None) else folded


def _singular(word: str) -> str:
    if len(word) < 5 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith("sses") else word[:-1]
