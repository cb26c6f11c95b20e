"""How much of a body was found, and how much of what was found is the body.

The measure of the article extraction benchmark (https://github.com/scrapinghub/article-extraction-benchmark).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

SIZE = 4
SOFT_HYPHEN = "\u00ad"
TOKEN = re.compile(r"\w+")


@dataclass(frozen=True)
class Overlap:
    """Precision, recall and F1 in 0..1; precision is None for an empty prediction, where it says nothing."""

    precision: float | None
    recall: float
    f1: float


def overlap(found: str, wanted: Iterable[str]) -> Overlap:
    """The best overlap, by F1, of a text with any of the acceptable ones.

    Texts are bags of 4-grams of words (`\\w+`; a shorter text is one gram). With t in both, p only in `found` and n
    only in `wanted`, precision = t / (t + p), recall = t / (t + n), F1 = 2t / (2t + p + n).
    """
    bag = shingles(found)
    return max((_overlap(bag, shingles(text)) for text in wanted), key=lambda each: each.f1)


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """A text's bag of 4-grams; letters composed and soft hyphens gone, since texts that look the same are the same."""
    words = TOKEN.findall(unicodedata.normalize("NFC", text).replace(SOFT_HYPHEN, ""))
    if not words:
        return Counter()
    return Counter(tuple(words[at : at + SIZE]) for at in range(max(1, len(words) - SIZE + 1)))


def mean(overlaps: Iterable[Overlap]) -> Overlap:
    """Precision averaged over the pages with a prediction, recall over all; F1 of these two means."""
    each = list(overlaps)
    known = [one.precision for one in each if one.precision is not None]
    precision = sum(known) / len(known) if known else 0.0
    recall = sum(one.recall for one in each) / len(each) if each else 0.0
    return Overlap(precision, recall, _f1(precision, recall))


def _overlap(found: Counter[tuple[str, ...]], wanted: Counter[tuple[str, ...]]) -> Overlap:
    both = (found & wanted).total() if found and wanted else 0
    precision = both / found.total() if found else None
    recall = both / wanted.total() if wanted else 1.0
    return Overlap(precision, recall, _f1(precision or 0.0, recall))


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
