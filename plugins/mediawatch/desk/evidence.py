"""Why an article is on a topic, as a reader wants to see it: the sentences that say so, with their words marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup

from mediawatch.desk.marking import Mark, marked

LONGEST = 420
"""Characters of a sentence that are shown: a page without full stops is one sentence."""
_BEFORE = 120


@dataclass(frozen=True)
class Sentence:
    """A sentence of a title or text with its marked words, and what they added to the score."""

    zone: str
    html: Markup
    weight: float


@dataclass(frozen=True)
class Reason:
    """Why an article is on a topic; `sentences` are the strongest, `more` how many are not shown."""

    level: str
    score: float
    sentences: Sequence[Sentence]
    more: int


def reasons(rows: Iterable[Any], most: int) -> dict[int, Reason]:
    """article_id → its reason, from rows of `desk_topics.evidence`."""
    found = {}
    for article_id, group in groupby(rows, key=lambda row: row.article_id):
        hits = list(group)
        told = sorted(_sentences(hits), key=lambda each: -each.weight)
        found[article_id] = Reason(hits[0].level, hits[0].score, told[:most], max(0, len(told) - most))
    return found


def _sentences(hits: Iterable[Any]) -> Iterator[Sentence]:
    def place(row: Any) -> tuple[str, int]:
        return row.zone, row.sentence_start

    for (zone, _), group in groupby(sorted(hits, key=place), key=place):
        rows = list(group)
        marks = [Mark(row.start_at, row.end_at, f"{row.signal}: {row.weight:g}") for row in rows]
        yield Sentence(zone, clipped(rows[0].sentence, marks), sum(row.weight for row in rows))


def clipped(sentence: str, marks: Sequence[Mark], longest: int = LONGEST) -> Markup:
    """The sentence, marked; of one that is too long what is around its first mark."""
    if len(sentence) <= longest:
        return marked(sentence, marks)
    start = max(0, min(mark.start for mark in marks) - _BEFORE) if marks else 0
    cut = sentence[start : start + longest]
    inside = [Mark(m.start - start, m.end - start, m.why, m.css) for m in marks if m.end <= start + longest]
    before, after = "… " if start else "", " …" if start + longest < len(sentence) else ""
    return Markup("{}{}{}").format(before, marked(cut, inside), after)
