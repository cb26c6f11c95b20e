"""Whether an extracted text is an article, a stub before a paywall, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mediawatch.articles.blocks import Block
from mediawatch.articles.paragraphs import fold
from mediawatch.articles.sentences import count_sentences, count_words
from mediawatch.errors import Reason

LEAST_WORDS = 12
LEAST_SENTENCES = 2
"""Below either, a text is no article; a wire of two short sentences is one."""
PROSE_WORDS = 60
"""A text this long is an article even if it has no full stops."""
MAX_LINKED = 0.5
"""Share of a text that may be the text of links: more is navigation."""
STUB_WORDS = 100
"""A text of a page that is not free, or asks for a subscription, is a stub if it is shorter than this."""

WALL = re.compile(
    r"subscribe (?:now )?to (?:continue|read|keep)|(?:to )?continue reading,? (?:subscribe|log ?in|sign)|"
    r"reserved for subscribers|for subscribers only|already a subscriber|unlock (?:this|the) (?:article|story)|"
    r"jetzt weiterlesen|weiterlesen mit|nur für abonnenten|bereits abonnent|réservé aux abonnés|déjà abonné|"
    r"exclusivo para suscriptores|solo para suscriptores|ya (?:eres|es) suscriptor|exclusivo para assinantes|"
    r"já é assinante|только для подписчиков|оформите подписку|riservato agli abbonati|订阅后(?:继续)?阅读|"
    r"會員專屬(?:內容|文章)|有料会員限定|この記事は会員限定",
    re.IGNORECASE,
)


def judge(text: str, blocks: Iterable[Block], free: bool | None) -> Reason | None:
    """Why `text` is not an article's; None if it is. `blocks` are the page's, `free` its isAccessibleForFree."""
    words = count_words(text)
    if words < STUB_WORDS and (free is False or _walled(blocks)):
        return Reason.PAYWALL
    if words < LEAST_WORDS or (words < PROSE_WORDS and count_sentences(text) < LEAST_SENTENCES):
        return Reason.NO_TEXT
    return Reason.NO_TEXT if _linked_share(text, blocks) > MAX_LINKED else None


def _walled(blocks: Iterable[Block]) -> bool:
    return any(WALL.search(block.text) for block in blocks)


def _linked_share(text: str, blocks: Iterable[Block]) -> float:
    """Share of the text that is, line by line, the text of links."""
    links = {fold(block.text) for block in blocks if block.linked > MAX_LINKED * len(block.text)}
    lines = [line for line in text.split("\n") if line]
    return sum(len(line) for line in lines if fold(line) in links) / (sum(map(len, lines)) or 1)
