"""Whether an extracted text is an article, a stub before a paywall, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mediawatch.articles import paywall
from mediawatch.articles.blocks import Block
from mediawatch.articles.paragraphs import fold
from mediawatch.articles.sentences import count_sentences, count_words
from mediawatch.articles.structured import Structured
from mediawatch.errors import Reason

LEAST_WORDS = 12
LEAST_SENTENCES = 2
"""Below either, a text is no article; a wire of two short sentences is one."""
PROSE_WORDS = 60
"""A text this long is an article even if it has no full stops."""
MAX_LINKED = 0.5
"""Share of a text that may be the text of links: more is navigation."""


def judge(text: str, blocks: Sequence[Block], claims: Structured) -> Reason | None:
    """Why `text` is not an article's; None if it is. `blocks` and `claims` are the page's."""
    words = count_words(text)
    if paywall.is_stub(text, words, blocks, claims):
        return Reason.PAYWALL
    if words < LEAST_WORDS or (words < PROSE_WORDS and count_sentences(text) < LEAST_SENTENCES):
        return Reason.NO_TEXT
    return Reason.NO_TEXT if _linked_share(text, blocks) > MAX_LINKED else None


def _linked_share(text: str, blocks: Iterable[Block]) -> float:
    """Share of the text that is, line by line, the text of links."""
    links = {fold(block.text) for block in blocks if block.linked > MAX_LINKED * len(block.text)}
    lines = [line for line in text.split("\n") if line]
    return sum(len(line) for line in lines if fold(line) in links) / (sum(map(len, lines)) or 1)
