"""Text to the units that are compared: folded words, or windows of characters where a script has no spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

FOLD_VERSION = 1

# Overlapping windows of so many characters: five in a row then weigh about what five English words weigh.
_HAN_KANA_WINDOW = 2
_SOUTH_EAST_ASIAN_WINDOW = 6

_HAN_KANA = "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SOUTH_EAST_ASIAN = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff"
_SPACELESS = re.compile(f"[{_HAN_KANA}{_SOUTH_EAST_ASIAN}]")
_RUN = re.compile(f"([{_HAN_KANA}]+)|([{_SOUTH_EAST_ASIAN}]+)|[^{_HAN_KANA}{_SOUTH_EAST_ASIAN}]+")

_NOT_ASCII = re.compile("[^\x00-\x7f]")
_VARIATION_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
# bytes.translate is ten times as fast as any pattern over the text; bytes from 128 on belong to other scripts' letters.
_ASCII_PUNCTUATION_TO_SPACE = bytes(i if i >= 128 or chr(i).isalnum() else 32 for i in range(256))


def words(text: str) -> list[str]:
    """The text's units in order: NFKC, lower-case, punctuation and invisible characters gone.

    Han and Kana become overlapping pairs of characters, Thai, Lao, Khmer and Burmese overlapping sixes.
    """
    spaceless = False
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
        letters = set(_NOT_ASCII.findall(folded))
        folded = _without_punctuation(folded, letters)
        spaceless = _SPACELESS.search("".join(letters)) is not None
    found = folded.encode(errors="replace").translate(_ASCII_PUNCTUATION_TO_SPACE).decode().split()
    return [unit for word in found for unit in _units(word)] if spaceless else found


def _without_punctuation(text: str, characters: Iterable[str]) -> str:
    """The text with those of its non-ASCII `characters` that make no words as spaces, and invisible ones gone."""
    for character in characters:
        category = unicodedata.category(character)
        if category == "Cf" or character in _VARIATION_SELECTORS:
            text = text.replace(character, "")
        elif category[0] not in "LMN":
            text = text.replace(character, " ")
    return text


def _units(word: str) -> list[str]:
    return [unit for run in _RUN.finditer(word) for unit in _windows(*run.group(0, 1, 2))]


def _windows(run: str, han_kana: str | None, south_east_asian: str | None) -> list[str]:
    if han_kana is None and south_east_asian is None:
        return [run]
    size = _HAN_KANA_WINDOW if han_kana else _SOUTH_EAST_ASIAN_WINDOW
    return [run[i : i + size] for i in range(max(1, len(run) - size + 1))]
