"""What an article says of itself: that it was retracted, or corrected; by words that are data (data/notices.yaml)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import yaml

from mediawatch import data

Kind = Literal["retraction", "correction"]
KINDS: tuple[Kind, ...] = ("retraction", "correction")
"""The graver first: an article that says both is retracted."""

NOTICE_CHARS = 300
EDGE_PARAGRAPHS = 3
"""A retraction by phrase stands in the first or the last so many paragraphs."""
LONGEST_NOTICE_CHARS = 1_500
"""A longer paragraph is the article's own, whatever it says."""
_GAP = r"[^.!?。！？]{0,60}"
_MARK = r"\s*[:：\])）】」—–]|\s+-\s"
_ASIDE = r"(?:\s*[,(（][^)）:]{1,40}[)）]?)?"
"""A date or an agency between label and mark: `Correction (5 March):`."""


@dataclass(frozen=True)
class Notice:
    """`words`: the title or the paragraph that says it."""

    kind: Kind
    words: str


@dataclass(frozen=True)
class _Rules:
    opens: re.Pattern[str]
    ends_title: re.Pattern[str]
    phrase: re.Pattern[str]


def find_notice(title: str, text: str) -> Notice | None:
    """The gravest notice of an article, the first of its kind; None when it carries none. Pure, in any language."""
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    for kind in KINDS:
        rules = _rules()[kind]
        if rules.opens.match(title) or rules.ends_title.search(title):
            return Notice(kind, title[:NOTICE_CHARS])
        for place, paragraph in enumerate(paragraphs):
            at_edge = place < EDGE_PARAGRAPHS or place >= len(paragraphs) - EDGE_PARAGRAPHS
            if len(paragraph) <= LONGEST_NOTICE_CHARS and _says(rules, paragraph, at_edge or kind == "correction"):
                return Notice(kind, " ".join(paragraph.split())[:NOTICE_CHARS])
    return None


def _says(rules: _Rules, paragraph: str, by_phrase: bool) -> bool:
    return rules.opens.match(paragraph) is not None or (by_phrase and rules.phrase.search(paragraph) is not None)


@lru_cache(maxsize=1)
def _rules() -> dict[str, _Rules]:
    return {kind: _compiled(each["labels"], each["phrases"]) for kind, each in yaml.safe_load(data.notices()).items()}


def _compiled(labels: dict[str, list[str]], phrases: dict[str, list[str]]) -> _Rules:
    label = "|".join(map(_words, sorted(_all(labels), key=len, reverse=True)))
    phrase = "|".join(_GAP.join(map(_words, map(str.strip, each.split("…")))) for each in _all(phrases))
    return _Rules(
        opens=re.compile(rf"[^\w]{{0,4}}(?:{label})\W?{_ASIDE}(?:{_MARK})", re.IGNORECASE),
        ends_title=re.compile(rf"[\[(（【](?:{label})[\])）】]\s*$", re.IGNORECASE),
        phrase=re.compile(rf"(?<!\w)(?:{phrase})", re.IGNORECASE),
    )


def _all(by_language: dict[str, list[str]]) -> Iterator[str]:
    return (each for words in by_language.values() for each in words)


def _words(phrase: str) -> str:
    """The phrase as a pattern; a typewriter's apostrophe stands for a printer's too."""
    return r"\s+".join(_apostrophes(re.escape(word) for word in phrase.split()))


def _apostrophes(words: Iterable[str]) -> Iterator[str]:
    return (word.replace("'", "['’]") for word in words)
