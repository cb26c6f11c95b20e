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
_SENTENCE_END = re.compile(r"[.!?]\s+|[。！？]")
_MARK = r"\s*[:：\])）】」—–]|\s+-\s"
_ASIDE = r"(?:\s*[,(（][^)）:]{1,40}[)）]?)?"
"""A date or an agency between label and mark: `Correction (5 March):`."""


@dataclass(frozen=True)
class Notice:
    """`words`: the title that says it, or the paragraph from the sentence that does."""

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
            said = _said(rules, paragraph, by_phrase=at_edge or kind == "correction")
            if said:
                return Notice(kind, " ".join(said.split())[:NOTICE_CHARS])
    return None


def _said(rules: _Rules, paragraph: str, by_phrase: bool) -> str:
    """The paragraph from where it says so, from the beginning of that sentence; '' when it does not."""
    if len(paragraph) > LONGEST_NOTICE_CHARS:
        return ""
    if rules.opens.match(paragraph):
        return paragraph
    found = rules.phrase.search(paragraph) if by_phrase else None
    if found is None:
        return ""
    ends = [end.end() for end in _SENTENCE_END.finditer(paragraph, 0, found.start())]
    return paragraph[ends[-1] if ends else 0 :]


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
