"""Two texts side by side: paragraphs that face each other, with what only one of them has marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from mediawatch.articles.diff import Piece, pieces

MOST_CHARS = 30_000
"""Of each text: a comparison takes about the square of what differs."""
_BREAK = "\n\n"
_SIDES = (("removed", Markup("<del>{}</del>")), ("added", Markup("<ins>{}</ins>")))


class Facing(NamedTuple):
    """What stands in one row: left and right; `same` when both read alike."""

    left: Markup
    right: Markup
    same: bool


def side_by_side(left: str, right: str) -> list[Facing]:
    """The rows of a comparison. A row ends where both texts begin a new paragraph."""
    found = pieces(left[:MOST_CHARS], right[:MOST_CHARS])
    return [_facing(row) for row in _rows(found)]


def _rows(found: Sequence[Piece]) -> Iterator[list[Piece]]:
    row: list[Piece] = []
    for piece in found:
        parts = piece.text.split(_BREAK) if piece.op == "same" else [piece.text]
        for place, part in enumerate(parts):
            if place and row:
                yield row
                row = []
            if part:
                row.append(Piece(piece.op, part))
    if row:
        yield row


def _facing(row: Sequence[Piece]) -> Facing:
    left, right = (_side(row, op, shape) for op, shape in _SIDES)
    return Facing(left, right, all(piece.op == "same" for piece in row))


def _side(row: Sequence[Piece], op: str, shape: Markup) -> Markup:
    shown = (piece for piece in row if piece.op in ("same", op))
    return Markup().join(escape(piece.text) if piece.op == "same" else shape.format(piece.text) for piece in shown)
