"""Text of unknown people as HTML: escaped, in paragraphs, with the words that count marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

_BLANK_LINE = re.compile(r"\n\s*\n")
_CHANGE = re.compile(r"\[-.*?-\]|\{\+.*?\+\}", re.DOTALL)
_TAKEN_OUT, _PUT_IN = Markup("<del>{}</del>"), Markup("<ins>{}</ins>")


@dataclass(frozen=True)
class Mark:
    """Characters `start` to `end` of a text, why they are marked, and a CSS class (one of the style sheet's)."""

    start: int
    end: int
    why: str = ""
    css: str = ""


def marked(text: str, marks: Iterable[Mark]) -> Markup:
    """The text, escaped, with its marks; where two overlap, the earlier and longer one is shown."""
    parts, at = [], 0
    for mark in sorted(marks, key=lambda m: (m.start, -m.end)):
        if at <= mark.start < mark.end <= len(text):
            parts += [escape(text[at : mark.start]), _mark(text[mark.start : mark.end], mark)]
            at = mark.end
    return Markup().join([*parts, escape(text[at:])])


def paragraphs(text: str, marks: Iterable[Mark] = ()) -> Iterator[Markup]:
    """The paragraphs of a text (blank lines between them), marked; a mark lies within one paragraph."""
    marks = list(marks)
    start = 0
    for gap in [*_BLANK_LINE.finditer(text), None]:
        end = gap.start() if gap else len(text)
        inside = [
            Mark(m.start - start, m.end - start, m.why, m.css) for m in marks if start <= m.start and m.end <= end
        ]
        if text[start:end].strip():
            yield marked(text[start:end], inside)
        start = gap.end() if gap else end


def changes(diff: str) -> Markup:
    """The diff of a revision (`articles.diff.Change`); what was taken out and put in is marked instead of bracketed."""
    parts, at = [], 0
    for found in _CHANGE.finditer(diff):
        shape = _TAKEN_OUT if found[0][0] == "[" else _PUT_IN
        parts += [escape(diff[at : found.start()]), shape.format(found[0][2:-2])]
        at = found.end()
    return Markup().join([*parts, escape(diff[at:])])


def _mark(words: str, mark: Mark) -> Markup:
    title = Markup(' title="{}"').format(mark.why) if mark.why else ""
    css = Markup(' class="{}"').format(mark.css) if mark.css else ""
    return Markup("<mark{}{}>{}</mark>").format(css, title, words)
