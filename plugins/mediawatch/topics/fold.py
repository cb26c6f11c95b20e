"""Text folded for matching (case, accents, width, wrapped lines) with a map back to the original offsets."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u3130-\u318f"
    "\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Character class of the scripts whose words are not set apart by spaces (CJK, Thai, …) or take particles (Hangul)."""

PARAGRAPH = "\n"
"""The one mark of a new paragraph in folded text; every other white space is a single blank."""

_SENTENCE_ENDS = tuple(".!?。！？…:;")
_CLOSING = "\"'”’»)]」』"
_QUOTES = {**dict.fromkeys("‘’‚‛`´ʼ＇", "'"), **dict.fromkeys("“”„‟«»＂", '"')}
_DASHES = dict.fromkeys("‐‑‒–—―−", "-")
_MARKS = re.compile("[\u0300-\u036f\u064b-\u0652\u0670\u0640]")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_INITIAL = re.compile(r"\b[^\W\d_]\.$")
_BLANK_LINE = re.compile(r"\n *\n")


def is_unspaced(char: str) -> bool:
    """Whether `char` belongs to a script that does not set its words apart."""
    return _UNSPACED.match(char) is not None


@dataclass(frozen=True)
class Folded:
    """`text` is the folded form of `source`. The way back is worked out when first asked for: few texts have hits."""

    source: str
    text: str
    mark_size: int | None = None
    """How many characters each paragraph mark stands for, where nothing else changed its length."""

    @cached_property
    def _map(self) -> tuple[list[int], list[int]]:
        """(at, origins): position `at[i] + k` of the text stems from `origins[i] + k` in the source."""
        if self.mark_size is None:
            return _fold_slowly(self.source, *_fold_even(self.source))[1:]
        at = [0, *(mark.end() for mark in re.finditer(PARAGRAPH, self.text))] if self.mark_size > 1 else [0]
        return at, [start + index * (self.mark_size - 1) for index, start in enumerate(at)]

    def origin(self, position: int) -> int:
        """The source offset of the character that the folded character at `position` stems from."""
        at, origins = self._map
        index = bisect_right(at, position) - 1
        return origins[index] + position - at[index]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Source offsets of the non-empty folded slice start:end, with the accents that belong to its last letter."""
        stop = self.origin(end - 1) + 1
        while stop < len(self.source) and _MARKS.match(self.source[stop]):
            stop += 1
        return self.origin(start), stop


class _FoldedCharacters(dict[int, str]):
    """What each code point folds to, found when first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


def _fold_character(char: str) -> str:
    if char.isspace():
        return " "
    if char in _QUOTES or char in _DASHES:
        return _QUOTES.get(char) or _DASHES[char]
    if unicodedata.category(char) == "Cf":  # soft hyphen, zero width space, byte order and direction marks
        return ""
    decomposed = unicodedata.normalize("NFKD", char.casefold())
    folded = unicodedata.normalize("NFKC", _MARKS.sub("", decomposed)).casefold()
    return "".join(_QUOTES.get(each) or _DASHES.get(each) or each for each in folded)


_FOLDED = _FoldedCharacters()
_SIMPLE = re.compile("[ -~\n]+")
"""What folds to itself, once it is in small letters."""


def fold(source: str) -> Folded:
    """Fold `source`. A blank line ends a paragraph; where there is none, a line that ends a sentence does."""
    even, uneven = _fold_even(source)
    text = _fold_quickly(source, even)
    if text is None:
        return Folded(source, _fold_slowly(source, even, uneven)[0])
    for char in uneven:
        text = text.replace(char, _FOLDED[ord(char)])
    return Folded(source, text, None if uneven else 2 if "\n\n" in even else 1)


def _fold_even(source: str) -> tuple[str, frozenset[str]]:
    """Fold what becomes one character, so that offsets stay, and name the characters that do not; line ends stay."""
    even = source.lower()
    if len(even) != len(source):  # the one such letter is a capital I with a dot
        even = source.replace("\u0130", "I").lower()
    uneven = []
    for char in set("".join(_SIMPLE.split(even))):
        folded = _FOLDED[ord(char)]
        if len(folded) != 1:
            uneven.append(char)
        elif folded != char:
            even = even.replace(char, folded)
    return even, frozenset(uneven)


def _fold_quickly(source: str, even: str) -> str | None:
    """`even` with line ends folded, if white space is as extraction leaves it; None if it has to be looked at."""
    if "\n" not in even:
        return None if "  " in even else even
    paragraphs = even.split("\n\n")
    if "  " in even or not all(map(_is_neat, paragraphs)):
        return None
    if len(paragraphs) > 1:
        wrapped = any("\n" in each for each in paragraphs) and _UNSPACED.search(even)
        return None if wrapped else "\n".join([each.replace("\n", " ") for each in paragraphs])
    pieces: list[str] = []
    done = 0
    while (at := even.find("\n", done)) >= 0:
        instead = _fold_run(source, even, at, at + 1, has_blank_line=False)
        if not instead:
            return None
        pieces += even[done:at], instead
        done = at + 1
    return "".join([*pieces, even[done:]])


def _is_neat(paragraph: str) -> bool:
    if not paragraph or paragraph[0].isspace() or paragraph[-1].isspace():
        return False
    return "\n" not in paragraph or not (" \n" in paragraph or "\n " in paragraph)


def _fold_slowly(source: str, even: str, uneven: frozenset[str]) -> tuple[str, list[int], list[int]]:
    """The folded text, and its `Folded._map`."""
    has_blank_line = _BLANK_LINE.search(even) is not None
    pieces: list[str] = []
    at, origins = [0], [0]
    shift = done = 0
    for spot in _uneven_spots(uneven).finditer(even):
        start, end = spot.span()
        run = spot[0]
        instead = _fold_run(source, even, start, end, has_blank_line) if run.isspace() else _FOLDED[ord(run)]
        pieces += even[done:start], instead
        done = end
        if len(instead) != end - start:
            at += range(start + shift, start + shift + len(instead) + 1)
            origins += [start] * len(instead) + [end]
            shift += len(instead) - (end - start)
    pieces.append(even[done:])
    return "".join(pieces), at, origins


@lru_cache(maxsize=1024)
def _uneven_spots(uneven: frozenset[str]) -> re.Pattern[str]:
    characters = "".join(map(re.escape, sorted(uneven)))
    return re.compile(r"\n[ \n]*|[ \n]{2,}" + (f"|[{characters}]" if characters else ""))


def _fold_run(source: str, even: str, start: int, end: int, has_blank_line: bool) -> str:
    """What a run of white space becomes: a paragraph mark, a blank, or nothing between two characters of Chinese."""
    run = even[start:end]
    if "\n" not in run:
        return " "
    ends_paragraph = _BLANK_LINE.search(run) is not None if has_blank_line else _ends_sentence(source, even, start, end)
    if ends_paragraph:
        return PARAGRAPH
    wrapped_inside_word = is_unspaced(even[start - 1 : start]) and is_unspaced(even[end : end + 1])
    return "" if wrapped_inside_word else " "


def _ends_sentence(source: str, even: str, start: int, end: int) -> bool:
    before = even[max(0, start - 5) : start].rstrip(_CLOSING)
    return before.endswith(_SENTENCE_ENDS) and not _INITIAL.search(before) and not source[end : end + 1].islower()
