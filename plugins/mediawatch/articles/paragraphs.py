"""Extracted lines to clean paragraphs: one blank line between them, no markup, nothing that is not the article's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

INVISIBLE = re.compile(r"[\u00ad\u200b\u2060\ufeff\ufffe\uffff\x00-\x08\x0b-\x1f\x7f]")
SPACES = re.compile(r"[^\S\n]+")
BULLET = re.compile(r"^[-–•*]\s+(?=\S)")
PARAGRAPH_BREAK = "\n\n"


def join(raw: str, title: str = "") -> str:
    """`raw` (one paragraph a line) as the text that is stored: NFC, no NUL, without the title that opens it."""
    heading = fold(title)
    kept: list[str] = []
    for line in _lines(raw):
        if fold(line) == heading and not kept:
            continue
        kept.append(line)
    return PARAGRAPH_BREAK.join(kept)


def fold(line: str) -> str:
    """A line's letters and digits, for comparing: case, spacing and punctuation don't count."""
    return " ".join(re.findall(r"\w+", line.casefold()))


def _lines(raw: str) -> Iterator[str]:
    text = INVISIBLE.sub("", unicodedata.normalize("NFC", raw.replace("\r", "\n")))
    for line in SPACES.sub(" ", text).split("\n"):
        line = BULLET.sub("", line.strip())
        if any(map(str.isalnum, line)):
            yield line
