"""The article of a page that scripts build: its markup waits as a string in the data that the page hands to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress

from lxml.html import HtmlElement

LEAST_CHARS = 400
MOST_CHARS = 2_000_000
"""Of all scripts together: more is not looked at."""
STRING = re.compile(r'"((?:[^"\\]|\\.){400,})"', re.DOTALL)
PARAGRAPH = re.compile(r"<(?:p|br)\b", re.IGNORECASE)
DEPTH = 3
"""How often a string may be packed into another one."""


def markup(tree: HtmlElement) -> str | None:
    """The HTML with the most paragraphs among the strings in a page's scripts; None without one."""
    left, found = MOST_CHARS, []
    for script in tree.iter("script"):
        text = script.text or ""
        if LEAST_CHARS <= len(text) <= left:
            left -= len(text)
            found += [value for value in _strings(text, DEPTH) if PARAGRAPH.search(value)]
    return max(found, key=lambda value: len(PARAGRAPH.findall(value)), default=None)


def _strings(text: str, depth: int) -> Iterator[str]:
    for quoted in STRING.finditer(text):
        with suppress(ValueError):
            value = json.loads(quoted[0], strict=False)
            inner = list(_strings(value, depth - 1)) if depth > 1 else []
            yield from inner or [value]
