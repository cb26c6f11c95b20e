"""What is kept of a text to find its copies and to judge them: candidate keys, shingles with positions, vocabulary."""

from __future__ import annotations

from hashlib import blake2b
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mediawatch.models import Sketch
from mediawatch.stories import fold

SKETCH_VERSION = 2

SHINGLE_WORDS = 5
LONGEST_WORDS = 65_536
"""Positions are two bytes: of a longer text the first so many words are sketched."""

_KEYS_OF_BODY = 20
_KEYS_OF_LEAD = 8
_LEAD_WORDS = 60
_ALL_SHINGLES_UP_TO = 256
_SAMPLE_ONE_IN = 4

_TERM_LETTERS = 5
_FIRST_EAST_ASIAN = "\u3005"
_WORD_CACHE = 200_000

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIXER = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)

SHINGLE_TYPE = np.dtype("<u4")
POSITION_TYPE = np.dtype("<u2")
_Unsigned = TypeVar("_Unsigned", np.uint64, np.uint32, np.uint16)
TERM_TYPE = np.dtype("<u2")


class _WordHashes(dict[str, bytes]):
    """word → 63 bits of BLAKE2b and, as the lowest bit, whether the word is a term; news repeats its words."""

    def __missing__(self, word: str) -> bytes:
        if len(self) >= _WORD_CACHE:
            self.clear()
        digest = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")
        marked = digest | 1 if _is_term(word, digest) else digest & ~1
        value = self[word] = marked.to_bytes(8, "little")
        return value


_hashes = _WordHashes()


def sketch(text: str) -> Sketch:
    """The sketch of a text whose furniture is gone; the same on every machine and Python for one SKETCH_VERSION.

    A text of no words has no keys, so nothing matches it; one of fewer than five words is one shingle.
    """
    words = fold.words(text)[:LONGEST_WORDS]
    hashes = np.frombuffer(b"".join(map(_hashes.__getitem__, words)), "<u8")
    shingles = _shingles(hashes)
    sample, positions = _sample(shingles, sample_rate(len(words)))
    return Sketch(
        keys=_keys(shingles),
        shingles=sample.tobytes(),
        positions=positions.tobytes(),
        terms=_terms(hashes).tobytes(),
        words=len(words),
        exact=blake2b(" ".join(words).encode(), digest_size=16).digest(),
    )


def sample_rate(words: int) -> int:
    """One in how many shingles is kept of a text of so many words."""
    return 1 if words < _ALL_SHINGLES_UP_TO + SHINGLE_WORDS else _SAMPLE_ONE_IN


def _is_term(word: str, digest: int) -> bool:
    """Long words name what a text is about. Of Han pairs, more varied by far than such words, one in four counts."""
    if word[0] >= _FIRST_EAST_ASIAN:
        return len(word) > 1 and digest & 6 == 0
    return len(word) >= _TERM_LETTERS


def _shingles(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A mixed polynomial of each five words in a row, in order."""
    width = min(SHINGLE_WORDS, len(hashes))
    if width == 0:
        return hashes
    count = len(hashes) - width + 1
    mixed: NDArray[np.uint64] = hashes[:count].copy()
    for step in range(1, width):
        mixed *= _MULTIPLIER
        mixed += hashes[step : step + count]
    mixed ^= mixed >> _HALF
    mixed *= _MIXER
    mixed ^= mixed >> _HALF
    return mixed


def _keys(shingles: NDArray[np.uint64]) -> tuple[int, ...]:
    """The lower halves of the smallest hashes: the upper halves of small hashes are all alike."""
    lead = shingles[: _LEAD_WORDS - SHINGLE_WORDS + 1]
    smallest = (_distinct(shingles)[:_KEYS_OF_BODY], _distinct(lead)[:_KEYS_OF_LEAD])
    return tuple(_distinct(np.concatenate(smallest).astype(SHINGLE_TYPE)).view(np.int32).tolist())


def _distinct(values: NDArray[_Unsigned]) -> NDArray[_Unsigned]:
    """Sorted, each once; np.unique builds a hash table for this, at several times the cost."""
    ordered = np.sort(values)
    distinct: NDArray[_Unsigned] = ordered[_changes(ordered)]
    return distinct


def _changes(ordered: NDArray[_Unsigned]) -> NDArray[np.intp]:
    """Where a run of equal values begins."""
    begins = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    return begins.nonzero()[0]


def _sample(shingles: NDArray[np.uint64], rate: int) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    """Upper halves of the kept hashes, sorted, each with the position where it first occurs."""
    halves = (shingles >> _HALF).astype(SHINGLE_TYPE)
    kept = np.flatnonzero(halves & np.uint32(rate - 1) == 0)
    kept = kept[np.argsort(halves[kept], kind="stable")]
    first = kept[_changes(halves[kept])]
    return halves[first], first.astype(POSITION_TYPE)


def _terms(hashes: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """The distinct terms, sorted, by the upper quarter of their hashes."""
    terms = (hashes[hashes & np.uint64(1) == 1] >> np.uint64(48)).astype(TERM_TYPE)
    return _distinct(terms)
