"""Two versions of an article → what was taken out and what was put in, word by word, in words that people read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

DIFF_CHARS = 20_000
"""A longer diff is cut; both versions are stored anyway."""

_SPACELESS = r"\u0e01-\u0eff\u3041-\u30ff\u3400-\u9fff"
_TOKEN = re.compile(rf"\s*[{_SPACELESS}]|\s*[^\s{_SPACELESS}]+|\s+")
"""A word, or one character where a script sets no spaces, with the white space before it."""
_WORD = re.compile(r"\w")
_BREAK = "\n\n"
_MOST_EDITS = 1_500
"""Beyond so many, a passage counts as replaced: the search takes the square of them."""
_CHANCE_TOKENS = 2
"""So few equal words between two changes are chance, and cut what one reads into crumbs."""
_CONTEXT_TOKENS = 10

Op = Literal["same", "removed", "added"]


class Piece(NamedTuple):
    """A stretch of text that both versions have, or one of them."""

    op: Op
    text: str


@dataclass(frozen=True)
class Change:
    """How two versions differ.

    `share` in 0..1: words taken out and put in, of the words of both versions together, titles included. `kept` and
    `title_kept`: the share of the older text's, and title's, words that the newer has too. `diff` shows each changed
    paragraph: `¶3 … gave out [-900-] {+940+} strips …`, numbered as in the newer version.
    """

    title: bool
    text: bool
    share: float
    added: int
    removed: int
    kept: float
    title_kept: float
    diff: str


def compare(title_was: str, text_was: str, title: str, text: str) -> Change | None:
    """What changed; None when only white space did."""
    titles = pieces(_plain(title_was), _plain(title))
    texts = pieces(_tidy(text_was), _tidy(text))
    counts = {op: sum(_words(p.text) for p in (*titles, *texts) if p.op == op) for op in ("same", "removed", "added")}
    in_title, in_text = (any(p.op != "same" for p in each) for each in (titles, texts))
    if not in_title and not in_text:
        return None
    total = 2 * counts["same"] + counts["removed"] + counts["added"]
    share = (counts["removed"] + counts["added"]) / total if total else 1.0
    shown = ([f"title {_line(titles)}"] if in_title else []) + _changed_paragraphs(texts)
    return Change(
        in_title,
        in_text,
        round(share, 4),
        counts["added"],
        counts["removed"],
        _kept(texts),
        _kept(titles),
        _cut("\n".join(shown)),
    )


def pieces(was: str, now: str) -> list[Piece]:
    """The way from one text to the other: what is not `added` makes up `was`, what is not `removed` makes up `now`."""
    found: list[Piece] = []
    for op, block in _blocks(_paragraphs(was), _paragraphs(now)):
        if op == "same":
            found.append(Piece("same", "".join(block[0])))
            continue
        old, new = (_TOKEN.findall("".join(side)) for side in block)
        for inner, (gone, come) in _without_crumbs(_blocks(old, new)):
            found += _pair(inner, "".join(gone), "".join(come))
    return [Piece(op, "".join(p.text for p in run)) for op, run in groupby(_ordered(found), key=lambda p: p.op)]


def _pair(op: str, gone: str, come: str) -> list[Piece]:
    if op == "same":
        return [Piece("same", gone)]
    return [p for p in (Piece("removed", gone), Piece("added", come)) if p.text]


def _ordered(found: list[Piece]) -> list[Piece]:
    """Between two equal stretches, what was removed before what was added."""
    ordered: list[Piece] = []
    for same, run in groupby(found, key=lambda p: p.op == "same"):
        ordered += sorted(run, key=lambda p: not same and p.op != "removed")
    return ordered


def _paragraphs(text: str) -> list[str]:
    """With the blank line before each, so that joining them gives the text."""
    parts = text.split(_BREAK)
    return parts[:1] + [_BREAK + part for part in parts[1:]] if text else []


Block = tuple[str, tuple[Sequence[str], Sequence[str]]]
"""("same" or "changed", (what the older has there, what the newer has))"""


def _blocks(was: Sequence[str], now: Sequence[str]) -> list[Block]:
    start = _common(was, now)
    end = _common(was[start:][::-1], now[start:][::-1])
    old, new = was[start : len(was) - end], now[start : len(now) - end]
    blocks: list[Block] = [("same", (was[:start], now[:start]))]
    i = j = 0
    for a, b, length in [*_matches(old, new), (len(old), len(new), 0)]:
        blocks.append(("changed", (old[i:a], new[j:b])))
        blocks.append(("same", (old[a : a + length], new[b : b + length])))
        i, j = a + length, b + length
    blocks.append(("same", (was[len(was) - end :], now[len(now) - end :])))
    return [block for block in blocks if block[1][0] or block[1][1]]


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _matches(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    """(start in a, start in b, length) of the equal runs of a shortest edit; none when that is too long.

    Greedy search by the number of edits: E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986.
    """
    if not a or not b:
        return []
    reach = {1: 0}
    history: list[dict[int, int]] = []
    for edits in range(min(len(a) + len(b), _MOST_EDITS) + 1):
        history.append(dict(reach) if edits <= 1 else {k: reach[k] for k in range(-edits, edits + 1) if k in reach})
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and reach[k - 1] < reach[k + 1])
            x = reach[k + 1] if down else reach[k - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            reach[k] = x
            if x >= len(a) and x - k >= len(b):
                return _runs(_walked(history, len(a), len(b)))
    return []


def _walked(history: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """Pairs of equal elements, from the first to the last, read backwards from how far each number of edits reached."""
    pairs: list[tuple[int, int]] = []
    for edits in range(len(history) - 1, -1, -1):
        reach, k = history[edits], x - y
        down = k == -edits or (k != edits and reach[k - 1] < reach[k + 1])
        before = reach[k + 1] if down else reach[k - 1]
        before_y = before - (k + 1 if down else k - 1)
        while x > before and y > before_y and x > 0 and y > 0:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = before, before_y
    return pairs[::-1]


def _runs(pairs: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for x, y in pairs:
        if runs and (x, y) == (runs[-1][0] + runs[-1][2], runs[-1][1] + runs[-1][2]):
            runs[-1] = (*runs[-1][:2], runs[-1][2] + 1)
        else:
            runs.append((x, y, 1))
    return runs


def _without_crumbs(blocks: list[Block]) -> list[Block]:
    last = len(blocks) - 1
    return [
        ("changed", sides)
        if op == "same" and 0 < place < last and len(sides[0]) <= _CHANCE_TOKENS and not _begins_paragraph(sides[0])
        else (op, sides)
        for place, (op, sides) in enumerate(blocks)
    ]


def _begins_paragraph(tokens: Sequence[str]) -> bool:
    return any(_BREAK in token for token in tokens)


# ---- what people see -------------------------------------------------------------------------------------------------

_MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}


def _changed_paragraphs(found: list[Piece]) -> list[str]:
    lines: list[str] = []
    here: list[Piece] = []
    number = 1
    for piece in found:
        for place, part in enumerate(piece.text.split(_BREAK)):
            if place:
                lines += _shown(here, number)
                number += any(p.op != "removed" for p in here)
                here = []
            if part:
                here.append(Piece(piece.op, part))
    return lines + _shown(here, number)


def _shown(paragraph: list[Piece], number: int) -> list[str]:
    return [f"¶{number} {_line(paragraph)}"] if any(p.op != "same" for p in paragraph) else []


def _line(paragraph: list[Piece]) -> str:
    parts = []
    for place, (op, text) in enumerate(paragraph):
        shown = _elided(text, first=place == 0, last=place == len(paragraph) - 1) if op == "same" else text.strip()
        before, after = _MARKS[op]
        space = " " if op != "same" and text[:1].isspace() else ""
        parts.append(space + before + " ".join(shown.split("\n")) + after)
    return "".join(parts).strip()


def _elided(text: str, *, first: bool, last: bool) -> str:
    """The words around a change, of an unchanged stretch that is longer than that."""
    tokens = _TOKEN.findall(text)
    if len(tokens) <= 2 * _CONTEXT_TOKENS + 1:
        return text
    head = "" if first else "".join(tokens[:_CONTEXT_TOKENS])
    tail = "" if last else "".join(tokens[-_CONTEXT_TOKENS:])
    return f"{head} …{tail}" if head else f"…{tail}"


def _cut(diff: str) -> str:
    return diff if len(diff) <= DIFF_CHARS else diff[:DIFF_CHARS] + "…"


def _kept(found: list[Piece]) -> float:
    same, removed = (sum(_words(p.text) for p in found if p.op == op) for op in ("same", "removed"))
    return same / (same + removed) if same + removed else 1.0


def _words(text: str) -> int:
    return sum(_WORD.search(token) is not None for token in _TOKEN.findall(text))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _tidy(text: str) -> str:
    """Paragraphs without the white space that extraction may or may not have kept."""
    return _BREAK.join(filter(None, (_plain(part) for part in text.split(_BREAK))))
