"""Lines that a source sets around its articles, story after story: they make strangers look like copies."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from hashlib import blake2b

from mediawatch.stories.fold import words

FURNITURE_VERSION = 1

STORIES = 3
"""A line that so many stories of one source carry is furniture. Copies of one story carry the same lines by right."""

_HEAD_LINES = 3
_TAIL_LINES = 8
_FEWEST_WORDS = 4
_MOST_WORDS = 60
_LEAST_LEFT_WORDS = 30


def edge_lines(text: str) -> dict[str, int]:
    """{line: 64-bit hash} of the first and last lines that could be furniture: of 4 to 60 words."""
    lines = [line for line in text.split("\n") if line.strip()]
    edge = lines if len(lines) <= _HEAD_LINES + _TAIL_LINES else lines[:_HEAD_LINES] + lines[-_TAIL_LINES:]
    return {line: _hash(line) for line in edge if _FEWEST_WORDS <= len(line.split()) <= _MOST_WORDS}


def without(
    text: str, edge: Mapping[str, int], furniture: Container[int | None], is_boilerplate: Callable[[str], bool]
) -> str:
    """The text without its furniture (of `edge`, its edge_lines), and without lines that go with agency copy.

    The whole text when little would be left.
    """
    lines = text.split("\n")
    kept = "\n".join(line for line in lines if edge.get(line) not in furniture and not is_boilerplate(line))
    return kept if len(kept) == len(text) or len(kept.split()) >= _LEAST_LEFT_WORDS else text


def _hash(line: str) -> int:
    return int.from_bytes(blake2b(" ".join(words(line)).encode(), digest_size=8).digest(), "little", signed=True)
