"""What kind of page it is: article, live blog, gallery, video, list of articles, or an error that says 200."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from mediawatch.articles.blocks import Block
from mediawatch.articles.body import MAX_LINKED
from mediawatch.articles.container import prose_chars
from mediawatch.articles.sentences import count_words
from mediawatch.articles.structured import Structured
from mediawatch.articles.url import is_homepage

LIVE_TYPES = frozenset(("liveblogposting",))
GALLERY_TYPES = frozenset(("imagegallery", "mediagallery"))
VIDEO_TYPES = frozenset(("videoobject", "video.other", "video.episode", "video.movie", "video"))
LIST_TYPES = frozenset(("collectionpage", "searchresultspage", "profilepage"))

LIVE_PATH = re.compile(
    r"live-?(?:blog|ticker|updates?)|/live/|-live-|news-?blog|minuto-a-minuto|en-direct|ao-vivo|ticker", re.IGNORECASE
)
GALLERY_PATH = re.compile(
    r"/(?:photo-?)?galler(?:y|ies)/|/(?:photos|pictures|slideshow|in-pictures|fotostrecken?|bilder|galerias?|"
    r"diaporama)/",
    re.IGNORECASE,
)
VIDEO_PATH = re.compile(r"/(?:videos?|watch|mediathek)/", re.IGNORECASE)
CLOCK = re.compile(r"\W*(?:\d{1,2}[:.h]\d{2})(?:\s?(?:[ap]\.?m\.?|uhr|h|hrs|gmt|cet|[a-z]{3,4}))?\b", re.IGNORECASE)
CLOCK_CHARS = 40
LIVE_ENTRIES = 6
"""Lines that are a time of day, each above an entry of a live blog."""
CAPTIONS = 5
FEW_WORDS = 150
"""What is written beside a video or in a gallery; with more it is an article that has them."""
LINKS = 20
LINK_WORDS = 4
NO_TEXT_WORDS = 60

ERROR = re.compile(
    r"\W*(?:(?:error )?(?:40[0134]|410|429|50[0-4])\b|page (?:not found|unavailable|no longer)|not found|"
    r"access denied|forbidden|"
    r"just a moment|attention required|are you (?:a )?(?:human|robot)|verify you are|security check|"
    r"pardon our interruption|"
    r"service unavailable|bad gateway|site (?:is )?(?:under maintenance|unavailable)|something went wrong|"
    r"(?:this|the) page (?:you|could|can|does|has)|oops|seite (?:wurde )?nicht gefunden|nicht gefunden|"
    r"página no encontrada|"
    r"no encontrad|page (?:introuvable|non trouvée)|página não encontrada|pagina non trovata|страница не найдена|"
    r"页面不存在|找不到页面|ページが見つかりません)",
    re.IGNORECASE,
)
ERROR_WORDS = 120
"""A page with more text than this is no error page, whatever its title says."""


def of(claims: Structured, blocks: Iterable[Block], url: str, title: str, text: str) -> str:
    """article, live_blog, gallery, video, list or error; `text` is what was read of the page."""
    blocks, path, words = list(blocks), urlsplit(url).path, count_words(text)
    if words < ERROR_WORDS and ERROR.match(title):
        return "error"
    if claims.types & LIVE_TYPES or (LIVE_PATH.search(path) and _clocks(blocks) >= LIVE_ENTRIES):
        return "live_blog"
    if (
        words < FEW_WORDS
        and (claims.types & GALLERY_TYPES or GALLERY_PATH.search(path))
        and _captions(blocks) >= CAPTIONS
    ):
        return "gallery"
    if words < FEW_WORDS and not claims.is_article and (claims.types & VIDEO_TYPES or VIDEO_PATH.search(path)):
        return "video"
    return "list" if _is_list(claims, blocks, url, text) else "article"


def _clocks(blocks: Iterable[Block]) -> int:
    return sum(1 for block in blocks if len(block.text) < CLOCK_CHARS and CLOCK.match(block.text))


def _captions(blocks: Iterable[Block]) -> int:
    return sum(1 for block in blocks if block.caption or (block.box is not None and block.box.kind == "caption"))


def _is_list(claims: Structured, blocks: list[Block], url: str, text: str) -> bool:
    """Many headlines that lead elsewhere beside little running text, and nothing that claims to be an article."""
    if claims.is_article:
        return False
    links = [b.text for b in blocks if b.linked > MAX_LINKED * len(b.text) and count_words(b.text) >= LINK_WORDS]
    if len(links) < LINKS:
        return False
    chars, prose = sum(map(len, links)), prose_chars(blocks)
    if is_homepage(url) or claims.types & LIST_TYPES:
        return chars > prose / 2
    own = "\n".join(set(text.split("\n")) - set(links))
    return count_words(own) < NO_TEXT_WORDS and chars > prose
