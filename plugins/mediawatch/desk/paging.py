"""Lists by keyset: a page begins after the last row of the one before, whatever its number costs nothing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException

SIZE = 50
"""Rows a page."""
NO_PLACE = "This is not the address of a page of this list."


@dataclass(frozen=True)
class Page:
    """Rows of one page of a list; `next` is the token of the page after it, None on the last."""

    rows: Sequence[Any]
    next: str | None
    first: bool


def page(rows: Sequence[Any], token: str | None, key: Callable[[Any], Sequence[object]], size: int = SIZE) -> Page:
    """A page of `rows`, which were asked for with `size` + 1 as the limit; `key` gives what the list is ordered by."""
    shown = rows[:size]
    following = pack(key(shown[-1])) if len(rows) > size else None
    return Page(shown, following, token is None)


def pack(key: Sequence[object]) -> str:
    """A key as a token for an address; times and numbers become text, as Postgres reads them."""
    told = [None if part is None else str(part) for part in key]
    return base64.urlsafe_b64encode(json.dumps(told, ensure_ascii=False).encode()).decode().rstrip("=")


def unpack(token: str | None, parts: int) -> list[str | None]:
    """The key that a token stands for: `parts` texts, all None for the first page; 400 for what is no token."""
    if token is None:
        return [None] * parts
    try:
        key = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        key = None
    if isinstance(key, list) and len(key) == parts and all(part is None or isinstance(part, str) for part in key):
        return key
    raise HTTPException(400, NO_PLACE)
